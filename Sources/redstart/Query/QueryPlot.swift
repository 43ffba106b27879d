import Metrics

/// Series over time as a picture of characters.
struct QueryPlot {
    /// What the picture is for.
    struct Screen {
        var columns = 80
        var rows = 24
        /// Whether series can be told apart by colour; if not, each gets a picture of its own.
        var hasColor = false
    }

    /// More series than this are not drawn: nobody could tell them apart.
    private static let limit = 8
    /// The colours of a terminal: cyan, yellow, green, magenta, blue, red and two bright ones.
    private static let colors = [36, 33, 32, 35, 34, 31, 96, 93]

    private let series: [QueryData.Series]
    private let screen: Screen
    private let times: ClosedRange<Double>

    /// Draws series from the first to the last of their times; `nil` where there is nothing to draw.
    init?(_ series: [QueryData.Series], screen: Screen) {
        let seconds = series.flatMap { $0.points.map(\.seconds) }
        guard let first = seconds.min(), let last = seconds.max() else { return nil }
        self.series = series
        self.screen = screen
        times = first...max(last, first + 1)
    }

    /// The picture, with legend and axes.
    func render() -> String {
        let shown = Array(series.prefix(Self.limit))
        var lines: [String] = []
        if screen.hasColor || shown.count == 1 {
            lines += picture(shown, rows: max(4, min(screen.rows - shown.count - 4, 24)))
        } else {
            let rows = max(3, min((screen.rows - 2) / shown.count - 3, 12))
            lines = shown.map { picture([$0], rows: rows).joined(separator: "\n") }
        }
        if series.count > shown.count {
            lines.append("\(series.count - shown.count) more series are not drawn; topk(\(Self.limit), …) chooses.")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func picture(_ series: [QueryData.Series], rows: Int) -> [String] {
        let numbers = series.flatMap { $0.points.compactMap(\.number) }.filter(\.isFinite)
        guard let lowest = numbers.min(), let highest = numbers.max() else {
            return series.map { legend($0, pen: 0) + "  no finite value" }
        }
        let scale = Scale(lowest, highest, rows: rows)
        let gutter = scale.labels.map(\.count).max() ?? 0
        let columns = max(10, screen.columns - gutter - 2)
        var canvas = BrailleCanvas(columns: columns, rows: rows)
        for (pen, one) in series.enumerated() { draw(one, scale, pen: pen, on: &canvas) }
        var lines = (0..<rows).map { row in
            let label = scale.labels[row]
            let axis = label.isEmpty ? "│" : "┤"
            return String(repeating: " ", count: gutter - label.count) + label + " " + axis
                + canvas.text(row: row, paint: paint)
        }
        lines.append(String(repeating: " ", count: gutter + 1) + "└" + String(repeating: "─", count: columns))
        lines.append(String(repeating: " ", count: gutter + 2) + timeAxis(columns))
        return lines + series.enumerated().map { legend($1, pen: $0) }
    }

    /// Joins the points by lines, but for places where some are missing.
    private func draw(_ series: QueryData.Series, _ scale: Scale, pen: Int, on canvas: inout BrailleCanvas) {
        let gap = usualDistance(series.points) * 1.5
        var last: (seconds: Double, dot: (x: Int, y: Int))?
        for point in series.points {
            guard let number = point.number, number.isFinite else {
                last = nil
                continue
            }
            let part = (point.seconds - times.lowerBound) / (times.upperBound - times.lowerBound)
            let dot = (x: Int((part * Double(canvas.width - 1)).rounded()), y: scale.dot(number))
            if let last, point.seconds - last.seconds <= gap {
                canvas.line(from: last.dot, to: dot, pen: pen)
            } else {
                canvas.set(dot.x, dot.y, pen: pen)
            }
            last = (point.seconds, dot)
        }
    }

    private func usualDistance(_ points: [QueryData.Point]) -> Double {
        zip(points, points.dropFirst()).map { $1.seconds - $0.seconds }.min() ?? .infinity
    }

    private func timeAxis(_ columns: Int) -> String {
        let format: LocalTime.Format = times.upperBound - times.lowerBound > 86_400 ? .day : .clock
        let first = LocalTime.text(times.lowerBound, format)
        let last = LocalTime.text(times.upperBound, format)
        return first + String(repeating: " ", count: max(1, columns - first.count - last.count)) + last
    }

    private func legend(_ series: QueryData.Series, pen: Int) -> String {
        let value = series.points.last?.value ?? ""
        return paint("●", pen) + " " + TextTable.oneLine(series.text) + "  " + TextTable.oneLine(value)
    }

    private func paint(_ text: String, _ pen: Int) -> String {
        guard screen.hasColor else { return text }
        return "\u{1B}[\(Self.colors[pen % Self.colors.count])m\(text)\u{1B}[0m"
    }

    /// The axis of values.
    private struct Scale {
        let lowest: Double
        let highest: Double
        let height: Int
        /// One a row, empty for most.
        let labels: [String]

        init(_ lowest: Double, _ highest: Double, rows: Int) {
            // A line that never moves, or by less than has a half, lies in the middle.
            let isFlat = lowest / 2 == highest / 2
            let room = max(1, lowest.magnitude / 10)
            self.lowest = isFlat ? lowest - room : lowest
            self.highest = isFlat ? highest + room : highest
            height = rows * 4
            var labels = [String](repeating: "", count: rows)
            for row in [0, rows / 2, rows - 1] {
                let part = Double(row) / Double(max(1, rows - 1))
                labels[row] = Self.short(self.highest * (1 - part) + self.lowest * part)
            }
            self.labels = labels
        }

        /// The dot of a value, counted from above.
        func dot(_ value: Double) -> Int {
            // Halves, as the difference of two finite numbers may not be finite.
            let part = (highest / 2 - value / 2) / (highest / 2 - lowest / 2)
            return Int((part * Double(height - 1)).rounded())
        }

        private static let units: [(factor: Double, sign: String)] = [
            (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"),
        ]

        /// Three digits or so, with the sign of a power of a thousand.
        static func short(_ value: Double) -> String {
            for (factor, sign) in units where value.magnitude >= factor {
                return rounded(value / factor) + sign
            }
            return rounded(value)
        }

        private static func rounded(_ value: Double) -> String {
            guard value != 0, value.magnitude < 1e6, value.magnitude > 1e-6 else {
                return NumberFormat.decimalText(value)
            }
            var unit = 1.0
            while value.magnitude * unit < 100 { unit *= 10 }
            return NumberFormat.decimalText((value * unit).rounded() / unit)
        }
    }
}
