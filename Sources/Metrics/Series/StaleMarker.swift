extension Double {
    /// The value that says "this series ended here", bit for bit that of Prometheus
    /// (`StaleNaN` in `prometheus/model/value/value.go`).
    public static let staleMarker = Double(bitPattern: 0x7FF0_0000_0000_0002)

    /// Whether the value is the staleness marker.
    ///
    /// Any other NaN is a value.
    public var isStaleMarker: Bool {
        bitPattern == 0x7FF0_0000_0000_0002
    }
}
