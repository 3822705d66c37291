import Foundation
import Satchel

/// Where a fake book shows a record to be.
public enum FakeState: Sendable, Equatable {
    /// Saved on the tablet, not sent yet.
    case waiting
    /// Being sent right now.
    case onTheWay
    /// Sent or perhaps sent: no answer came.
    case doubtful
    /// Only the officer can say; `rows` is what the bank holds that is like it.
    case asks(code: String = "absent_key", rows: [NearRow] = [])
    /// The bank and the officer changed the same fields.
    case conflict(fields: [FieldConflict] = [
        FieldConflict(field: .phone, base: "012 345 678", mine: "012 999 999", theirs: "012 111 111")
    ])
    /// The bank said no, in these words.
    case refused(why: String = "refused", words: String? = nil)
    /// The bank has it as it is shown.
    case atBank
    /// Rejected, and the bank has confirmed it.
    case rejected
    /// Withdrawn before it left.
    case withdrawn
    /// Missing from the bank's list.
    case gone
    /// The bank asks for it, and nothing is answered: only of what a bank asks.
    case open
}

/// How a record in some state is seen.
struct Shown {
    let place: Place
    /// Of its entry in the outbox, with the code that the entries are counted by.
    let entry: EntryState
    let counted: String
    var life = Life.live
    /// Whether it has its code from the bank.
    var hasCode = false
    var why: String?
    var words: String?
}

extension FakeState {
    var shown: Shown {
        switch self {
        case .waiting: Shown(place: .onTablet, entry: .ready, counted: "ready")
        case .onTheWay: Shown(place: .onTheWay, entry: .sending, counted: "sending")
        case .doubtful: Shown(place: .inDoubt, entry: .doubtful, counted: "doubtful", why: "no_answer")
        case let .asks(code, _): Shown(place: .asksYou, entry: .asks, counted: "asks", why: code)
        case .conflict: Shown(place: .conflict, entry: .asks, counted: "asks", hasCode: true, why: "conflict")
        case let .refused(why, words): Shown(place: .refused, entry: .refused, counted: "refused", why: why, words: words)
        case .atBank: Shown(place: .atBank, entry: .done, counted: "done", hasCode: true)
        case .rejected: Shown(place: .rejected, entry: .done, counted: "done", life: .rejected, hasCode: true)
        case .withdrawn: Shown(place: .withdrawn, entry: .closed, counted: "closed", life: .withdrawn)
        case .gone: Shown(place: .goneElsewhere, entry: .closed, counted: "closed", life: .gone, hasCode: true)
        case .open: Shown(place: .open, entry: .closed, counted: "closed", hasCode: true)
        }
    }

    var isSettled: Bool { shown.entry == .done || shown.entry == .closed }
}

/// A record of a fake book, with its one entry in the outbox.
struct FakeRecord {
    let id: Int64
    var code: String?
    var fields: [Field: String]
    var revision: Int64 = 1
    var newerEdit = false
    var intent: Intent?
    let made = Date()
    private(set) var since = Date()
    /// Raised by whatever makes another question of what is shown.
    private(set) var asked: Int64 = 1
    var state: FakeState {
        didSet {
            asked += 1
            since = Date()
            newerEdit = false
            if state.isSettled { intent = nil }
        }
    }

    var question: Question { Question(entry: id, asked: asked) }

    var conflict: Conflict? {
        guard case let .conflict(fields) = state else { return nil }
        return Conflict(asked: asked, fields: fields)
    }

    var place: Place { state == .waiting && code != nil ? .changeOnTablet : state.shown.place }

    var prospect: Prospect {
        Prospect(
            id: id, code: code, fields: fields, revision: revision, life: state.shown.life, conflict: conflict,
            unsent: !state.isSettled, createdAt: nil, customerServerId: "", fromSystemId: "")
    }

    var listed: Listed {
        Listed(
            id: id, code: code, nameEn: fields[.nameEn] ?? "", nameKh: fields[.nameKh] ?? "", phone: fields[.phone] ?? "",
            status: fields[.status] ?? "", village: fields[.village] ?? "", unsent: !state.isSettled,
            conflict: conflict != nil, life: state.shown.life)
    }

    var waiting: Waiting {
        let answerable = state == .waiting || state.shown.entry == .refused
        let verb = intent == .reject ? "reject" : code == nil ? "create" : "update"
        return Waiting(
            entry: id, question: answerable ? question : nil, remote: "prospect", lane: "prospect:\(id)", verb: verb,
            state: state.shown.entry, why: state.shown.why, words: state.shown.words, attempt: state == .waiting ? 0 : 1,
            doubts: state == .doubtful ? 1 : 0, made: made, sent: state == .waiting ? nil : since, since: since)
    }

    /// Where it stands; `next` is what the book waits for, if it waits.
    func standing(_ next: Next?, _ more: [Can]) -> Standing {
        let step: Next
        var can: [Can]
        switch state {
        case .atBank: (step, can) = (.nothing, [.edit, .reject])
        case .rejected, .withdrawn, .gone, .open: (step, can) = (.nothing, [])
        case .asks: (step, can) = (.youDecide, [.edit, .sendAgain, .itIsThatOne, .drop])
        case .conflict: (step, can) = (.youDecide, [.resolve, .edit])
        case .refused: (step, can) = (.youDecide, [.edit, .sendAgain, .drop])
        case .doubtful: (step, can) = (next ?? .readBackIn(after: 180), [.edit])
        case .waiting, .onTheWay: (step, can) = (next ?? .sentSoon, [.edit])
        }
        if !state.isSettled { can += [code == nil ? .withdraw : .reject] + more }
        return Standing(
            place: place, why: state.shown.why, words: state.shown.words, next: step, can: can, intent: intent,
            since: state.isSettled ? nil : since, newerEdit: newerEdit)
    }
}
