import Foundation
import Satchel

/// A paper of a fake. What it is follows from its name alone.
struct FakePaper {
    let id: Int64
    let action: Int64
    let name: String
    let info: String
    let bytes: Int64
    let made = Date()
    var documentId: String?

    /// Throws as the library does for a name that the bank refuses, and for a kind of file that is not taken.
    init(id: Int64, action: Int64, name: String, info: String, bytes: Int64) throws {
        func wrong(_ field: String, _ problem: FieldProblem, _ expected: String = "") -> SatchelError {
            .InvalidInput(field: field, problem: problem, expected: expected)
        }
        if name.isEmpty { throw wrong("name", .missing) }
        if name.first?.isWhitespace == true { throw wrong("name", .form, "a name without a space in front") }
        if name.contains(where: { ",*|:\"<>?/\\[]%=;".contains($0) }) {
            throw wrong("name", .form, "a name without any of , * | : \" < > ? / \\ [ ] % = ;")
        }
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex, name.index(after: dot) < name.endIndex else {
            throw wrong("name", .form, "a name with an extension, such as .jpg or .pdf")
        }
        let kind = name[name.index(after: dot)...].lowercased()
        guard ["jpg", "jpeg", "png", "pdf"].contains(kind) else { throw wrong("paper", .form, "JPEG, PNG or PDF") }
        if bytes == 0 { throw wrong("paper", .missing) }
        (self.id, self.action, self.info, self.bytes) = (id, action, info, bytes)
        self.name = kind == "png" ? name[..<dot] + ".jpg" : name
    }

    var isPDF: Bool { name.lowercased().hasSuffix(".pdf") }

    private var warnings: [PaperWarning] {
        let all: [(String, PaperWarning)] = [
            ("small", .tooSmall(edge: 400)), ("blurred", .blurred(sharpness: 0.5)), ("dark", .dark(share: 0.97)),
            ("bright", .bright(share: 0.98)),
        ]
        return isPDF ? [] : all.filter { name.lowercased().contains($0.0) }.map(\.1)
    }

    /// The same for the same name, and looks like a digest.
    private var digest: String {
        let sum = name.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        let hex = String(sum, radix: 16)
        return String(repeating: String(repeating: "0", count: 16 - hex.count) + hex, count: 4)
    }

    func shown(_ state: FakeState) -> Document {
        let stage: PaperStage = state == .atBank ? .delivered : state.isSettled ? .withdrawn : .live
        let before = Measure(bytes: bytes, width: isPDF ? 0 : 4_000, height: isPDF ? 0 : 3_000)
        let after = isPDF ? before : Measure(bytes: min(bytes, 900_000), width: 2_000, height: 1_500)
        return Document(
            id: id, action: action, name: name, info: info, mime: isPDF ? "application/pdf" : "image/jpeg", sha256: digest,
            before: before, after: after, pages: isPDF ? 1 : 0, warnings: warnings, stage: stage, documentId: documentId,
            pruned: false, made: made)
    }

    /// A picture of one grey pixel, a JPEG; of a PDF an empty one.
    var content: Data { isPDF ? Data("%PDF-1.4\n%%EOF\n".utf8) : FakePaper.pixel }

    static let pixel: Data = {
        let lines = [
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB",
            "AQEBAQEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z",
        ]
        return Data(base64Encoded: lines.joined()) ?? Data()
    }()
}
