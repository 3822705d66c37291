import Foundation
import Satchel

/// A case's name as the scenarios spell it: `.sentIn(after: 3)` is `sent_in`.
func word<T>(_ value: T) -> String {
    var word = ""
    for letter in String(describing: value).prefix(while: { $0 != "(" }) {
        if letter.isUppercase && !word.isEmpty { word.append("_") }
        word += letter.lowercased()
    }
    return word
}

extension SatchelError {
    /// As a step's value: its code, and the arguments that are safe to show.
    var json: JSON {
        switch self {
        case let .InvalidInput(field, problem, _): ["error": "invalid_input", "field": .text(field), "problem": .text(word(problem))]
        case let .NotFound(what): ["error": "not_found", "what": .text(what)]
        case let .NotPossible(why): ["error": "not_possible", "why": .text(why)]
        case let .StoreDamaged(place, _, _): ["error": "store_damaged", "place": .text(place)]
        // The facade has a case for it; the scenarios speak of the trouble.
        case let .NeedsSignIn(remote): ["error": "remote", "remote": .text(remote), "trouble": "sign_in"]
        case let .Remote(remote, code, _): ["error": "remote", "remote": .text(remote), "trouble": .text(code)]
        case let .Internal(place, _): ["error": "internal", "place": .text(place)]
        default: ["error": .text(code)]
        }
    }
}

extension WhyStopped {
    var word: String {
        switch self {
        case .done: "done"
        case .outOfTime: "out_of_time"
        case let .waits(whatFor): whatFor
        }
    }
}

extension Prospect {
    var json: JSON {
        let conflicts = (conflict?.fields ?? []).map { one -> (String, JSON) in
            (fieldName(field: one.field), ["base": .text(one.base), "mine": .text(one.mine), "theirs": .text(one.theirs)])
        }
        return [
            "has_code": .bool(code != nil),
            "fields": .object(Dictionary(uniqueKeysWithValues: fields.map { (fieldName(field: $0.key), .text($0.value)) })),
            "conflict": .object(Dictionary(uniqueKeysWithValues: conflicts)),
            "life": .text(word(life)), "unsent": .bool(unsent), "revision": .count(revision),
        ]
    }
}

extension Standing {
    var json: JSON {
        let seconds: JSON =
            switch next {
            case let .sentIn(after), let .readBackIn(after): .number(after)
            default: .null
            }
        return [
            "place": .text(word(place)), "why": .optional(why), "words": .optional(words), "next": .text(word(next)),
            "seconds": seconds, "can": .list(can.map { .text(word($0)) }), "intent": .optional(intent.map { word($0) }),
            "newer_edit": .bool(newerEdit),
        ]
    }
}

extension Summary {
    var json: JSON {
        let places = byPlace.map { (word($0.key), JSON.count($0.value)) }
        return [
            "by_place": .object(Dictionary(uniqueKeysWithValues: places)), "by_state": .object(byState.mapValues(JSON.count)),
            "unsent": .count(unsent), "resent_on_absence": .count(resentOnAbsence),
        ]
    }
}

extension Health {
    var json: JSON {
        [
            "concerns": .list(concerns.map { .text(word($0.about)) }), "natural_key": .text(word(naturalKey)),
            "clock_skew_s": .optional(clockSkewS), "free_bytes": .optional(freeBytes), "used_bytes": .count(usedBytes),
            "unsent": .count(unsent),
        ]
    }
}

extension Downloaded {
    var json: JSON {
        [
            "rows": .count(rows), "new": .count(new), "changed": .count(changed), "skipped": .count(skipped),
            "conflicts": .count(conflicts), "gone": .count(gone), "settled": .count(settled),
        ]
    }
}
