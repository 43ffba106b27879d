/// Functions between scalars, vectors and nothing, and those that order series.
enum ShapeFunctions {
    static let table: [FunctionSignature] = [
        FunctionSignature("absent", [.vector], .special(.absent)),
        FunctionSignature("absent_over_time", [.matrix], .special(.absentOverTime)),
        FunctionSignature("scalar", [.vector], returns: .scalar, .special(.scalar)),
        FunctionSignature("vector", [.scalar], .special(.vector)),
        FunctionSignature("sort", [.vector], .special(.sort(descending: false))),
        FunctionSignature("sort_desc", [.vector], .special(.sort(descending: true))),
        FunctionSignature(
            "sort_by_label",
            [.vector, .string],
            optional: .some(nil),
            experimental: true,
            .special(.sortByLabel(descending: false))
        ),
        FunctionSignature(
            "sort_by_label_desc",
            [.vector, .string],
            optional: .some(nil),
            experimental: true,
            .special(.sortByLabel(descending: true))
        ),
    ]
}
