import Foundation

/// A JSON value that can be looked into and compared.
enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    static func read(_ data: Data) throws -> JSON {
        try JSONDecoder().decode(JSON.self, from: data)
    }

    static func read(_ text: String) throws -> JSON { try read(Data(text.utf8)) }

    /// A member of an object; `null` when there is none.
    subscript(name: String) -> JSON {
        if case let .object(members) = self { members[name] ?? .null } else { .null }
    }

    var members: [String: JSON]? { if case let .object(members) = self { members } else { nil } }
    var items: [JSON]? { if case let .list(items) = self { items } else { nil } }
    var string: String? { if case let .text(text) = self { text } else { nil } }
    var double: Double? { if case let .number(n) = self { n } else { nil } }
    var int: Int64? { double.flatMap { Int64(exactly: $0) } }
    var flag: Bool? { if case let .bool(yes) = self { yes } else { nil } }

    var data: Data { (try? JSONEncoder().encode(self)) ?? Data() }

    static func optional(_ text: String?) -> JSON { text.map(JSON.text) ?? .null }
    static func optional(_ n: Int64?) -> JSON { n.map { .number(Double($0)) } ?? .null }
    static func count(_ n: Int64) -> JSON { .number(Double(n)) }
}

extension JSON: Codable {
    init(from decoder: any Decoder) throws {
        let one = try decoder.singleValueContainer()
        if one.decodeNil() {
            self = .null
        } else if let yes = try? one.decode(Bool.self) {
            self = .bool(yes)
        } else if let n = try? one.decode(Double.self) {
            self = .number(n)
        } else if let text = try? one.decode(String.self) {
            self = .text(text)
        } else if let items = try? one.decode([JSON].self) {
            self = .list(items)
        } else {
            self = .object(try one.decode([String: JSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var one = encoder.singleValueContainer()
        switch self {
        case .null: try one.encodeNil()
        case let .bool(yes): try one.encode(yes)
        case let .number(n): if let whole = int { try one.encode(whole) } else { try one.encode(n) }
        case let .text(text): try one.encode(text)
        case let .list(items): try one.encode(items)
        case let .object(members): try one.encode(members)
        }
    }
}

extension JSON: CustomStringConvertible {
    var description: String { String(decoding: data, as: UTF8.self) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    init(stringLiteral text: String) { self = .text(text) }
    init(arrayLiteral items: JSON...) { self = .list(items) }
    init(dictionaryLiteral members: (String, JSON)...) { self = .object(Dictionary(uniqueKeysWithValues: members)) }
    init(integerLiteral n: Int) { self = .number(Double(n)) }
    init(booleanLiteral yes: Bool) { self = .bool(yes) }
}
