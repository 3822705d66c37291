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

extension ResultFields {
    /// The same visit or call but for what is named: the officer's correction.
    ///
    ///     try await collection.edit(id: id, fields: collection.result(id: id).fields.with(remark: "Called again"))
    public func with(
        result: String? = nil, action: String? = nil, remark: String? = nil, collected: CivilDateTime?? = nil,
        promised: CivilDate?? = nil, period: Int64? = nil
    ) -> ResultFields {
        ResultFields(
            result: result ?? self.result, action: action ?? self.action, remark: remark ?? self.remark,
            collected: collected ?? self.collected, promised: promised ?? self.promised, period: period ?? self.period)
    }
}
