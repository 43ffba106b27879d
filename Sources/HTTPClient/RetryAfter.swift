import Glibc

extension ClientResponse {
    /// The milliseconds that the server asks to wait, in the field `Retry-After` of RFC 9110, section 10.2.3: seconds,
    /// or a date.
    ///
    /// `nil` where the field is not there, or is neither.
    /// - Parameter now: Milliseconds since 1970.
    public func retryAfter(now: Int64) -> Int64? {
        guard let text = header("retry-after") else { return nil }
        if let seconds = Int64(text) { return seconds >= 0 && seconds < 1 << 32 ? seconds * 1000 : nil }
        return Self.seconds(ofDate: text).map { max(0, $0 * 1000 - now) }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, in seconds since 1970.
    private static func seconds(ofDate text: String) -> Int64? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]), let year = Int32(words[3]) else {
            return nil
        }
        let time = words[4].split(separator: ":").compactMap { Int32($0) }
        guard let month = months.firstIndex(of: String(words[2])), time.count == 3, (1970...9999).contains(year) else {
            return nil
        }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (time[0], time[1], time[2])
        return Int64(timegm(&parts))
    }
}
