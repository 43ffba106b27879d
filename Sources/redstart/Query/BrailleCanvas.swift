/// A picture of dots made of Braille characters, each two dots wide and four high.
struct BrailleCanvas {
    let columns: Int
    let rows: Int
    private var dots: [UInt8]
    /// Which pen drew last in each cell.
    private var pens: [Int]

    /// The bits of the dots of a character, by row and column: the order in which Unicode numbers them.
    private static let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        dots = [UInt8](repeating: 0, count: columns * rows)
        pens = [Int](repeating: 0, count: columns * rows)
    }

    var width: Int { columns * 2 }
    var height: Int { rows * 4 }

    /// Sets a dot; those outside are left out.
    mutating func set(_ x: Int, _ y: Int, pen: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        let cell = y / 4 * columns + x / 2
        dots[cell] |= Self.bits[y % 4][x % 2]
        pens[cell] = pen
    }

    /// Draws a line from dot to dot.
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int), pen: Int) {
        let steps = max(abs(end.x - start.x), abs(end.y - start.y))
        for step in 0...max(steps, 1) {
            let part = Double(step) / Double(max(steps, 1))
            let x = Double(start.x) + part * Double(end.x - start.x)
            let y = Double(start.y) + part * Double(end.y - start.y)
            set(Int(x.rounded()), Int(y.rounded()), pen: pen)
        }
    }

    /// The characters of a row; `paint` puts a pen's colour around a character.
    func text(row: Int, paint: (String, Int) -> String) -> String {
        (0..<columns).map { column in
            let cell = row * columns + column
            guard dots[cell] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(dots[cell])) else { return " " }
            return paint(String(scalar), pens[cell])
        }.joined()
    }
}
