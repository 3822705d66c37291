import Foundation
import Satchel

/// A late payer for a fake bank to list: one of the ready-made ones, changed as the screen needs it.
///
/// ```swift
/// var third = FakeTask.trijaya
/// third.contract = "000318270200077"
/// third.overdue = 90
/// let id = collection.bring(third)
/// ```
public struct FakeTask: Sendable, Equatable {
    /// The contract. Brought again under the same one, it is the same late payer.
    public var contract: String
    /// Who owes.
    public var name: String
    /// Whom to speak to.
    public var contact = ""
    /// Where she lives.
    public var address = ""
    /// Her branch.
    public var branch = ""
    /// The colleague who sold the contract.
    public var seller = ""
    /// Her phones.
    public var phones: [String] = []
    /// How far it is overdue, as the bank counts.
    public var overdue: Int64?
    /// The amount of an installment.
    public var installment: Decimal?
    /// How many installments there are.
    public var installments: Int64?
    /// When the installment is due.
    public var due: CivilDate?
    /// How she pays.
    public var paymentMethod = ""
    /// What was financed.
    public var assets = ""
    /// The bank's code of her.
    public var customer = ""
    /// The penalty.
    public var penalty: Decimal?
    /// What is to be paid now.
    public var total: Decimal?
    /// The outstanding receivable.
    public var outstanding: Decimal?
    /// What was paid last.
    public var lastPaid: Decimal?
    /// When that had been due.
    public var lastPaidDue: CivilDate?
    /// Which installment it was.
    public var lastPaidInstallment: Int64?
    /// When it was paid.
    public var lastPaidOn: CivilDate?
    /// The product.
    public var product = ""
    /// Fields that the bank filled with something which is not of their form.
    public var unread: [String] = []

    /// Of whom nothing else is known.
    public init(contract: String, name: String) { (self.contract, self.name) = (contract, name) }

    /// The first of the bank's sample: five overdue, 107,261,731 to pay.
    public static let trijaya: FakeTask = {
        var task = FakeTask(contract: "000318270200055", name: "TRIJAYA KONSTRUKSI MEGAH")
        task.address = "JL. SAWANGAN LINGKUNGAN V, TIKALA BARU WENANG, MANADO , Manado, Kota."
        (task.branch, task.seller, task.phones) = ("JAKARTA 1", "JUWITA FIKA TYASTI", ["085340060088"])
        (task.installment, task.installments, task.lastPaid, task.lastPaidInstallment) = (29_949_000, 54, 29_949_000, 28)
        (task.paymentMethod, task.assets, task.customer) = ("Transfer", "DOOSAN EXCAVATOR DX300LCA", "C18030135")
        (task.penalty, task.total, task.outstanding) = (77_312_731, 107_261_731, 1_445_252_000)
        task.product = "CF - HEAVY EQUIPMENT BARU"
        return task.sampled()
    }()

    /// The second of the bank's sample: five overdue, 26,435,641 to pay.
    public static let morowali: FakeTask = {
        var task = FakeTask(contract: "000418110200010", name: "PUTRA MOROWALI SEJAHTERA")
        task.address = "JALAN TRANS SULAWESI, DESA BAHODOPI KEC. BUNGKU TENGAH , MOROWALI"
        (task.branch, task.seller, task.phones) = ("JAKARTA 2", "PUTRA DWIYANA", ["0811349991"])
        (task.installment, task.installments, task.lastPaid, task.lastPaidInstallment) = (21_489_000, 42, 21_489_000, 37)
        (task.paymentMethod, task.assets, task.customer) = ("Giro/Cheq", "VOLVO COMPACTOR SD110", "C17120737")
        (task.penalty, task.total, task.outstanding) = (4_946_641, 26_435_641, 107_445_000)
        task.product = "FL - HEAVY EQUIPMENT BARU"
        return task.sampled()
    }()

    /// What both samples have.
    private func sampled() -> FakeTask {
        var task = self
        task.overdue = 5
        task.due = CivilDate(year: 2021, month: 3, day: 20)
        task.lastPaidDue = CivilDate(year: 2021, month: 2, day: 20)
        task.lastPaidOn = CivilDate(year: 2021, month: 2, day: 22)
        return task
    }

    /// In the list, with what was recorded of her.
    func listed(id: Int64, gone: Bool, last: Recorded?, today: Bool, unsent: Int64) -> TaskListed {
        TaskListed(
            id: id,
            task: .init(
                contract: contract, name: name, contact: contact, address: address, branch: branch, seller: seller,
                phones: phones, overdue: overdue, installment: installment, installments: installments, due: due,
                paymentMethod: paymentMethod, assets: assets, customer: customer, installmentAmount: nil, penalty: penalty,
                total: total, outstanding: outstanding, lastPaid: lastPaid, lastPaidDue: lastPaidDue,
                lastPaidInstallment: lastPaidInstallment, lastPaidOn: lastPaidOn, product: product, dedicated: "1",
                unread: unread, raw: "{}"),
            gone: gone, last: last, today: today, unsent: unsent)
    }
}
