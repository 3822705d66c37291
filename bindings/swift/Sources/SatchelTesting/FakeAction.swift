import Foundation
import Satchel

/// Something for a fake bank to ask: one of the ready-made ones, changed as the screen needs it.
///
/// ```swift
/// var deed = FakeAction.paper
/// deed.title = "Land title"
/// let id = onboarding.bring(deed)
/// ```
public struct FakeAction: Sendable, Equatable {
    /// What kind of question it is, as the bank calls it.
    public var name: String
    /// What the officer reads.
    public var title: String
    /// The bank's group.
    public var group: String
    /// The bank's number of the person whom it is about.
    public var party: String? = "P-1"
    /// What kind of answer is wanted.
    public var kind: ActionKind
    /// The options of a choice.
    public var options: [AnswerOption] = []
    /// More than one option may be chosen.
    public var many = false
    /// How a date is written.
    public var dateForm: DateForm?
    /// It may be left out.
    public var skippable = false

    /// A paper is asked for.
    public static let paper = FakeAction(name: "ProofOfIncome", title: "Proof of income", group: "Papers", kind: .documentUpload)

    /// A text is asked for.
    public static let text = FakeAction(name: "Purpose", title: "What is the loan for?", group: "Loan", kind: .text)

    /// A month is asked for.
    public static let date = FakeAction(
        name: "StayingSince", title: "Lives there since", group: "Person", kind: .date, dateForm: .month)

    /// One of three options is asked for; it may be left out.
    public static let choice = FakeAction(
        name: "MaritalStatus", title: "Marital status", group: "Person", kind: .choice,
        options: ["Single", "Married", "Widowed"].map { AnswerOption(value: $0.lowercased(), label: $0) }, skippable: true)
}

/// What a fake bank asked, and the officer's answer.
struct FakeAsked {
    let id: Int64
    let action: FakeAction
    var answer: Answer?
    var stage = ActionStage.open

    /// The bank takes no answer any more.
    var isClosed: Bool { stage == .gone || stage == .answeredElsewhere }

    /// Throws as the library does for an answer that does not fit; `papers` are the action's that were not taken back.
    func check(_ answer: Answer, _ papers: [Int64]) throws {
        switch (action.kind, answer) {
        case let (.text, .text(text)), let (.other, .text(text)):
            if text.allSatisfy(\.isWhitespace) { throw wrong(.missing) }
        case (.date, .date) where action.dateForm != nil, (.text, .date) where action.dateForm != nil:
            break
        case let (.choice, .choice(values)):
            try check(values, action.options.map(\.value))
            if values.count > 1 && !action.many { throw wrong(.form, "one option") }
        case let (.documentUpload, .papers(documents)):
            try check(documents, papers)
        default: throw wrong(.form, "the kind of answer that is wanted")
        }
    }

    private func check<T: Hashable>(_ chosen: [T], _ options: [T]) throws {
        if chosen.isEmpty { throw wrong(.missing) }
        if Set(chosen).count < chosen.count { throw wrong(.twice) }
        if !Set(chosen).isSubset(of: options) { throw wrong(.notInList) }
    }

    private func wrong(_ problem: FieldProblem, _ expected: String = "") -> SatchelError {
        .InvalidInput(field: "answer", problem: problem, expected: expected)
    }

    func shown(unsent: Bool, documents: [Int64], application: String?) -> Asking {
        Asking(
            id: id, identifier: "\(action.name)_\(id)", name: action.name, party: action.party, application: application,
            appliesTo: nil, group: action.group, status: stage == .open || stage == .gone ? .created : .submitted,
            title: action.title, description: "", informationHtml: "", informationText: "", assistTitle: "", kind: action.kind,
            options: action.options, many: action.many, dateForm: action.dateForm, level: .applicant,
            skippable: action.skippable, needsReview: false, prerequirement: false, raw: "{}", answer: answer, stage: stage,
            unsent: unsent, documents: documents)
    }
}

extension [Asking] {
    /// In sections, in the order of the list.
    func overview(by grouping: ActionGrouping) -> ActionOverview {
        var order: [String?] = []
        var sections: [String?: [Asking]] = [:]
        for one in self {
            let key = grouping == .group ? one.group : one.party
            if sections[key] == nil { order.append(key) }
            sections[key, default: []].append(one)
        }
        let shown = order.map { key in
            let items = sections[key] ?? []
            return ActionSection(of: key, actions: items.map(\.id), progress: items.progress)
        }
        return ActionOverview(sections: shown, progress: progress)
    }

    private var progress: ActionProgress {
        let open = filter(\.isOpen)
        let answered = Int64(count { $0.stage != .gone }) - Int64(open.count)
        let left = Int64(open.count { !$0.skippable })
        return ActionProgress(
            answered: answered, left: left, skippable: Int64(open.count) - left,
            percent: answered + left == 0 ? 100 : Int32(answered * 100 / (answered + left)))
    }
}

extension Asking {
    /// It waits for the officer.
    var isOpen: Bool { stage == .open && !unsent }

    func fits(_ filter: ActionFilter) -> Bool {
        let isClosed = stage == .gone || stage == .answeredElsewhere
        return (filter.group.map { $0 == group } ?? true) && (filter.party.map { $0 == party } ?? true)
            && (filter.includeClosed || !isClosed || unsent) && !(filter.toDo && !isOpen)
    }
}
