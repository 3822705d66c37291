import Foundation
import Satchel
import Testing

@Suite struct ErrorTests {
    @Test func eachSaysWhatNow() {
        let all: [(SatchelError, WhatNow, String)] = [
            (.InvalidInput(field: "phone", problem: .tooLong, expected: "at most 9"), .correctField, "invalid_input phone tooLong"),
            (.NotFound(what: "draft"), .lookAtStanding, "not_found draft"),
            (.NotPossible(why: "gone"), .lookAtStanding, "not_possible gone"),
            (.Locked, .openAgain, "locked"),
            (.KeyUnavailable(why: .denied), .unlockDevice, "key_unavailable denied"),
            (.KeyLost(unsent: 3, asOfMs: 4), .setAside, "key_lost 3 4"),
            (.StoreDamaged(place: "row", unsent: 3, asOfMs: 4), .setAside, "store_damaged row 3 4"),
            (.SchemaTooNew(found: 9, known: 8), .updateApp, "schema_too_new 9 8"),
            (.DiskFull, .freeSpace, "disk_full"),
            (.NeedsSignIn(remote: "prospect"), .signIn, "needs_sign_in prospect"),
            (.Remote(remote: "prospect", code: "untrusted_expired", whatNow: .setClock), .setClock, "remote prospect untrusted_expired"),
            (.Internal(place: "sqlite", id: 11), .report, "internal sqlite 11"),
        ]
        for (error, whatNow, text) in all {
            #expect(error.whatNow == whatNow && error.localizedDescription == text)
        }
    }

    @Test func theLibrarysOwnErrorsSaySo() async throws {
        let tablet = try await Tablet.alone()
        #expect(await failure { try await tablet.book.get(id: 7) } == .NotFound(what: "prospect"))
        #expect(await failure { try await tablet.add("X", "call me") }?.whatNow == .correctField)
        #expect(await failure { try await tablet.book.download() }?.whatNow == .signIn)
        try await tablet.book.signIn(secrets: secrets())
        let offline = await failure { try await tablet.book.download() }
        #expect(offline?.whatNow == .wait && offline?.code == "remote")
        let settings = await failure { try await Satchel.open(root: "/", officer: "dara", profile: "{", vault: MemoryVault()) }
        #expect(settings?.errorDescription == "invalid_input profile form")
    }
}
