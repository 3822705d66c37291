/// What `actual` misses of `expected`; nothing when it holds all of it. The rules stand in `tests/scenarios/README.md`.
func misses(_ expected: JSON, _ actual: JSON, at path: String = "value") -> String? {
    switch (expected, actual) {
    case let (.object(rule), _) where rule.count == 1 && rule.keys.allSatisfy({ $0.hasPrefix("$") }):
        guard let (name, operand) = rule.first else { return nil }
        return holds(name, operand, actual) ? nil : "\(path): \(actual) is not \(name) \(operand)"
    case let (.object(members), _):
        return members.sorted { $0.key < $1.key }.lazy
            .compactMap { misses($0.value, actual[$0.key], at: "\(path).\($0.key)") }.first
    case let (.list(items), .list(came)) where items.count == came.count:
        return zip(items, came).enumerated().lazy
            .compactMap { misses($0.element.0, $0.element.1, at: "\(path)[\($0.offset)]") }.first
    default:
        return expected == actual ? nil : "\(path): expected \(expected), it is \(actual)"
    }
}

private func holds(_ rule: String, _ operand: JSON, _ actual: JSON) -> Bool {
    func among(_ list: JSON, _ item: JSON) -> Bool {
        list.items?.contains { misses(item, $0) == nil } ?? false
    }
    switch rule {
    case "$at_least": return actual.double.flatMap { a in operand.double.map { a >= $0 } } ?? false
    case "$at_most": return actual.double.flatMap { a in operand.double.map { a <= $0 } } ?? false
    case "$contains": return actual.items != nil && operand.items?.allSatisfy { among(actual, $0) } ?? false
    case "$lacks": return actual.items != nil && operand.items?.allSatisfy { !among(actual, $0) } ?? false
    case "$one_of": return operand.items?.contains { misses($0, actual) == nil } ?? false
    default: return false  // a misspelt rule never holds
    }
}
