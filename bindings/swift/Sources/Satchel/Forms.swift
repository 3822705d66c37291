extension Person {
    /// The same person but for what is named: the officer's additions to a filled form.
    ///
    ///     let whole = try await onboarding.personOf(prospect: id).with(dateOfBirth: born, consent: true)
    public func with(
        firstName: String? = nil, lastName: String? = nil, dateOfBirth: CivilDate?? = nil, mobileNumber: String? = nil,
        mobileCountryCode: String? = nil, email: String? = nil, branch: String? = nil, existing: Bool? = nil,
        consent: Bool? = nil, entityId: String? = nil
    ) -> Person {
        Person(
            firstName: firstName ?? self.firstName, lastName: lastName ?? self.lastName,
            dateOfBirth: dateOfBirth ?? self.dateOfBirth, mobileNumber: mobileNumber ?? self.mobileNumber,
            mobileCountryCode: mobileCountryCode ?? self.mobileCountryCode, email: email ?? self.email,
            branch: branch ?? self.branch, existing: existing ?? self.existing, consent: consent ?? self.consent,
            entityId: entityId ?? self.entityId)
    }
}
