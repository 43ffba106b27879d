import Glibc

/// Searching and comparing without making a `String`.
///
/// All functions take a range that lies within the span: the parsers only make such ranges.
extension Span where Element == UInt8 {
    /// The first place of a byte within a range.
    func firstOffset(of byte: UInt8, in range: Range<Int>) -> Int? {
        withUnsafeBufferPointer { buffer in
            guard !range.isEmpty, let base = buffer.baseAddress else { return nil }
            let start = UnsafeRawPointer(base)
            guard let found = memchr(start + range.lowerBound, Int32(byte), range.count) else { return nil }
            return UnsafeRawPointer(found) - start
        }
    }

    /// Whether the bytes of a range are exactly those of `text`.
    func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
        range.count == text.utf8CodeUnitCount && hasPrefix(text, in: range)
    }

    /// Whether the bytes of a range start with those of `text`.
    func hasPrefix(_ text: StaticString, in range: Range<Int>) -> Bool {
        let length = text.utf8CodeUnitCount
        guard length <= range.count else { return false }
        return withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return length == 0 }
            return memcmp(base + range.lowerBound, text.utf8Start, length) == 0
        }
    }

    /// Whether the bytes of a range are those of `text`.
    func equals(text: String, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var text = text
        return text.withUTF8 { other in
            withUnsafeBufferPointer { own in
                guard let left = own.baseAddress, let right = other.baseAddress else { return range.isEmpty }
                return memcmp(left + range.lowerBound, right, range.count) == 0
            }
        }
    }

    /// The bytes of a range as text; those that are not UTF-8 are replaced.
    func text(in range: Range<Int>) -> String {
        withUnsafeBufferPointer { String(decoding: $0[range], as: UTF8.self) }
    }

    /// The first byte of a range, `nil` if it is empty.
    func first(in range: Range<Int>) -> UInt8? {
        range.isEmpty ? nil : self[range.lowerBound]
    }

    /// The range of all bytes.
    var wholeRange: Range<Int> {
        0..<count
    }
}
