import Satchel
import Testing

/// A panic inside the library, on purpose: the library of the tests has a button for it.
@Suite(.timeLimit(.minutes(1))) struct PanicTests {
    @Test func aPanicCostsOneCallAndTellsItsPlaceAlone() async throws {
        let tablet = try await Tablet.alone()
        let before = try await tablet.add("Before", "012 000 001")
        let button = PanicButton()
        var numbers: Set<Int64> = []
        for time in 1...3 {
            do {
                try await button.press(text: "CANARY-4417 of \(time)")
                Issue.record("nothing was thrown")
            } catch let error as SatchelError {
                guard case .Internal(let place, let id) = error else { throw error }
                #expect(place.contains("panic_button.rs:"))
                numbers.insert(id)
                let diagnostics = try await tablet.book.diagnostics()
                #expect(diagnostics.contains(place))
                for told in ["\(error)", error.localizedDescription, diagnostics] { #expect(!told.contains("CANARY-4417")) }
            }
        }
        #expect(numbers.count == 3)
        #expect(try await tablet.add("After", "012 000 002") == before + 1)
        #expect(try await tablet.book.summary().unsent == 2)
    }
}
