import Foundation
import Satchel

/// Gives one key for every book.
final class OneKey: KeyVault {
    let key: Data

    init(key: Data) { self.key = key }

    func load(name: String) throws -> Data? { name.hasSuffix("/key") ? key : nil }

    func store(name: String, secret: Data) throws -> VaultReceipt { .kept }
}

/// What a save brings: a person with every kind of field.
func person(_ n: Int) -> [FieldChange] {
    [
        .text(field: .nameEn, text: "Sok Dara \(n)"),
        .text(field: .nameKh, text: "សុខ ដារ៉ា"),
        .text(field: .phone, text: "0\(10_000_000 + n)"),
        .number(field: .age, number: 34),
        .text(field: .village, text: "03070105"),
        .text(field: .officerComment, text: "រង់ចាំ"),
    ]
}

func residentMiB() throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
    return (Double(line.filter(\.isNumber)) ?? 0) / 1024
}

func micros(_ work: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await work()
    return (ContinuousClock.now - start) / .microseconds(1)
}

/// Reads the whole feed; items a second.
func feed(_ book: Satchel) async throws -> Double {
    var (items, after, full) = (0, Int64(0), true)
    let time = try await micros {
        while full {
            let batch = try await book.feed(after: after, max: 500)
            items += batch.items.count
            after = batch.revision
            full = batch.items.count == 500
        }
    }
    return Double(items) / (time / 1e6)
}

func answer(_ numbers: Double...) { answer(numbers) }

func answer(_ numbers: [Double]) {
    let line = numbers.map { String($0) }.joined(separator: " ")
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

// Does what it is told, line by line, and answers each line with numbers.
let words = CommandLine.arguments
let pairs = stride(from: 0, to: words[4].count, by: 2).map { Array(words[4])[$0...($0 + 1)] }
let vault = OneKey(key: Data(pairs.compactMap { UInt8(String($0), radix: 16) }))
let first = ProspectQuery(limit: 50)
var open: Satchel?
answer(0)
while let line = readLine(), line != "end" {
    let said = line.split(separator: " ").map(String.init)
    if said[0] == "open" {
        let before = try residentMiB()
        let time = try await micros {
            let book = try await Satchel.open(root: words[1], officer: words[2], profile: words[3], vault: vault)
            _ = try await book.list(query: first)
            open = book
        }
        answer(time / 1e3, try residentMiB() - before)
    }
    guard let book = open else { continue }
    switch said[0] {
    case "save":
        var times: [Double] = []
        for n in (Int(said[1]) ?? 0)..<(Int(said[2]) ?? 0) {
            times.append(try await micros { _ = try await book.add(fields: person(n)) })
        }
        answer(times)
    case "page": answer(try await micros { _ = try await book.list(query: first) })
    case "feed": answer(try await feed(book))
    default: break
    }
}
try await open?.shutdown()
