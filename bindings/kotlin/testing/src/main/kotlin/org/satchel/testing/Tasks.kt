package org.satchel.testing

import org.satchel.CollectionTask
import java.math.BigDecimal
import java.time.LocalDate

/** Late payers for a [FakeCollection]. `copy` makes others. */
public object Tasks {
    /** Owes 107,261,731. */
    public val trijaya: CollectionTask =
        CollectionTask(
            contract = "000318270200055",
            name = "TRIJAYA KONSTRUKSI MEGAH",
            contact = "",
            address = "JL. SAWANGAN LINGKUNGAN V, TIKALA BARU WENANG, MANADO , Manado, Kota.",
            branch = "JAKARTA 1",
            seller = "JUWITA FIKA TYASTI",
            phones = listOf("085340060088"),
            overdue = 5,
            installment = BigDecimal("29949000.00"),
            installments = 54,
            due = LocalDate.of(2021, 3, 20),
            paymentMethod = "Transfer",
            assets = "DOOSAN EXCAVATOR DX300LCA",
            customer = "C18030135",
            installmentAmount = null,
            penalty = BigDecimal("77312731.00"),
            total = BigDecimal("107261731.00"),
            outstanding = BigDecimal("1445252000"),
            lastPaid = BigDecimal("29949000.00"),
            lastPaidDue = LocalDate.of(2021, 2, 20),
            lastPaidInstallment = 28,
            lastPaidOn = LocalDate.of(2021, 2, 22),
            product = "CF - HEAVY EQUIPMENT BARU",
            dedicated = "1",
            unread = emptyList(),
            raw = "{}",
        )

    /** Owes 26,435,641. */
    public val morowali: CollectionTask =
        trijaya.copy(
            contract = "000418110200010",
            name = "PUTRA MOROWALI SEJAHTERA",
            address = "JALAN TRANS SULAWESI, DESA BAHODOPI KEC. BUNGKU TENGAH , MOROWALI",
            branch = "JAKARTA 2",
            seller = "PUTRA DWIYANA",
            phones = listOf("0811349991"),
            installment = BigDecimal("21489000.00"),
            installments = 42,
            paymentMethod = "Giro/Cheq",
            assets = "VOLVO COMPACTOR SD110",
            customer = "C17120737",
            penalty = BigDecimal("4946641.00"),
            total = BigDecimal("26435641.00"),
            outstanding = BigDecimal("107445000"),
            lastPaid = BigDecimal("21489000.00"),
            lastPaidInstallment = 37,
            product = "FL - HEAVY EQUIPMENT BARU",
        )
}
