import Foundation

extension SatchelError {
    /// What to do about it, so that an app can decide without reading texts.
    public var whatNow: WhatNow {
        switch self {
        case .InvalidInput: .correctField
        case .NotFound, .NotPossible: .lookAtStanding
        case .Locked: .openAgain
        case .KeyUnavailable: .unlockDevice
        case .KeyLost, .StoreDamaged: .setAside
        case .SchemaTooNew: .updateApp
        case .DiskFull: .freeSpace
        case .NeedsSignIn: .signIn
        case let .Remote(_, _, whatNow): whatNow
        case .Internal: .report
        }
    }

    /// Its stable code, without what it is about: `invalid_input`, `locked` …
    public var code: String {
        switch self {
        case .InvalidInput: "invalid_input"
        case .NotFound: "not_found"
        case .NotPossible: "not_possible"
        case .Locked: "locked"
        case .KeyUnavailable: "key_unavailable"
        case .KeyLost: "key_lost"
        case .StoreDamaged: "store_damaged"
        case .SchemaTooNew: "schema_too_new"
        case .DiskFull: "disk_full"
        case .NeedsSignIn: "needs_sign_in"
        case .Remote: "remote"
        case .Internal: "internal"
        }
    }
}

extension SatchelError: LocalizedError {
    /// Codes and numbers for a log, `invalid_input phone form`. No sentence: what the officer reads is the app's, from
    /// `whatNow` and the case.
    public var errorDescription: String? {
        let details: [String] =
            switch self {
            case let .InvalidInput(field, problem, _): [field, "\(problem)"]
            case let .NotFound(what): [what]
            case let .NotPossible(why): [why]
            case let .KeyUnavailable(why): ["\(why)"]
            case let .KeyLost(unsent, asOfMs): ["\(unsent)", "\(asOfMs)"]
            case let .StoreDamaged(place, unsent, asOfMs): [place, "\(unsent)", "\(asOfMs)"]
            case let .SchemaTooNew(found, known): ["\(found)", "\(known)"]
            case let .NeedsSignIn(remote): [remote]
            case let .Remote(remote, code, _): [remote, code]
            case let .Internal(place, id): [place, "\(id)"]
            case .Locked, .DiskFull: []
            }
        return ([code] + details).joined(separator: " ")
    }
}

extension VaultError: LocalizedError {
    /// Its code.
    public var errorDescription: String? { "\(self)".lowercased() }
}
