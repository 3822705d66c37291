import Foundation

/// A day as the bank's calendar shows it: no zone. Always one that exists, in the years 1 to 9999.
///
/// Its text form is ISO 8601: `2021-02-09`.
public struct CivilDate: Sendable, Hashable, Comparable {
    /// 1 to 9999.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int

    /// That day; nothing when there is no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        guard (1...CivilDate.days(in: month, of: year)).contains(day) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The day that a date picker gave, by its own calendar (a Gregorian one); nothing when a part is missing.
    public init?(_ components: DateComponents) {
        guard let year = components.year, let month = components.month, let day = components.day else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// For a date picker with a Gregorian calendar.
    public var components: DateComponents { DateComponents(year: year, month: month, day: day) }

    /// The earlier day is the smaller.
    public static func < (a: CivilDate, b: CivilDate) -> Bool {
        (a.year, a.month, a.day) < (b.year, b.month, b.day)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: leap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A date-time as the bank's clocks on the wall show it: no zone, whole seconds. Always one that exists, in the years 1
/// to 9999.
///
/// Its text form is ISO 8601: `2021-02-09T23:59:07`.
public struct CivilDateTime: Sendable, Hashable, Comparable {
    /// Its day.
    public let date: CivilDate
    /// 0 to 23.
    public let hour: Int
    /// 0 to 59.
    public let minute: Int
    /// 0 to 59.
    public let second: Int

    /// 1 to 9999.
    public var year: Int { date.year }
    /// 1 to 12.
    public var month: Int { date.month }
    /// 1 to 31.
    public var day: Int { date.day }

    /// That moment; nothing when there is none such.
    public init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard let date = CivilDate(year: year, month: month, day: day) else { return nil }
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        (self.date, self.hour, self.minute, self.second) = (date, hour, minute, second)
    }

    /// The moment that a date picker gave, by its own calendar (a Gregorian one); nothing when a part of the day is
    /// missing. A missing part of the time is 0.
    public init?(_ components: DateComponents) {
        guard let date = CivilDate(components) else { return nil }
        self.init(
            year: date.year, month: date.month, day: date.day,
            hour: components.hour ?? 0, minute: components.minute ?? 0, second: components.second ?? 0)
    }

    /// For a date picker with a Gregorian calendar.
    public var components: DateComponents {
        DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// The earlier moment is the smaller.
    public static func < (a: CivilDateTime, b: CivilDateTime) -> Bool {
        a.date == b.date ? (a.hour, a.minute, a.second) < (b.hour, b.minute, b.second) : a.date < b.date
    }
}

extension CivilDate: LosslessStringConvertible, Codable {
    /// Reads `2021-02-09`, exactly; nothing for anything else.
    public init?(_ description: String) {
        guard let n = numbers(description, "0000-00-00") else { return nil }
        self.init(year: n[0], month: n[1], day: n[2])
    }

    /// `2021-02-09`
    public var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

    /// From its text form.
    public init(from decoder: any Decoder) throws { self = try decoded(decoder) }

    /// As its text form.
    public func encode(to encoder: any Encoder) throws { try encoded(self, encoder) }

    init(lifting text: String) throws { self = try lifted(text) }
}

extension CivilDateTime: LosslessStringConvertible, Codable {
    /// Reads `2021-02-09T23:59:07`, exactly; nothing for anything else.
    public init?(_ description: String) {
        guard let n = numbers(description, "0000-00-00T00:00:00") else { return nil }
        self.init(year: n[0], month: n[1], day: n[2], hour: n[3], minute: n[4], second: n[5])
    }

    /// `2021-02-09T23:59:07`
    public var description: String { "\(date)T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))" }

    /// From its text form.
    public init(from decoder: any Decoder) throws { self = try decoded(decoder) }

    /// As its text form.
    public func encode(to encoder: any Encoder) throws { try encoded(self, encoder) }

    init(lifting text: String) throws { self = try lifted(text) }
}

/// The numbers in a text of that shape: a digit for each `0`, everything else as it stands.
private func numbers(_ text: String, _ shape: String) -> [Int]? {
    guard text.utf8.count == shape.utf8.count else { return nil }
    var found = [0]
    for (given, wanted) in zip(text.utf8, shape.utf8) {
        if wanted == UInt8(ascii: "0") {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(given) else { return nil }
            found[found.count - 1] = found[found.count - 1] * 10 + Int(given - UInt8(ascii: "0"))
        } else {
            guard given == wanted else { return nil }
            found.append(0)
        }
    }
    return found
}

private func padded(_ n: Int, _ width: Int) -> String {
    let digits = String(n)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

private func decoded<T: LosslessStringConvertible>(_ decoder: any Decoder) throws -> T {
    let container = try decoder.singleValueContainer()
    guard let value = T(try container.decode(String.self)) else {
        // Without the text: it may be personal.
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 civil time")
    }
    return value
}

private func encoded<T: LosslessStringConvertible>(_ value: T, _ encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value.description)
}

/// What the library gives is always valid: this never throws.
private func lifted<T: LosslessStringConvertible>(_ text: String) throws -> T {
    guard let value = T(text) else { throw SatchelError.Internal(place: "civil time", id: 0) }
    return value
}
