import Metrics
import RedisClient

/// Indexes of the search module.
///
/// Commands: `FT._LIST`, `FT.INFO` of each index. ACL: `+ft._list +ft.info`. Cost: about 100 µs an index.
struct SearchIndexesCheck: Check {
    static let name = "search_indexes"
    /// Indexes that are asked about together.
    private static let batchSize = 10

    private(set) var outcome = CheckOutcome()
    private let families: FamilyTable<SearchIndexFamilies>
    private let filter: SearchIndexFilter
    private let limits: CheckOptions.Limits
    /// The indexes that are still to be asked about; `nil` before they are known.
    private var names: [[UInt8]]?

    init(families: FamilyTable<SearchIndexFamilies>, filter: SearchIndexFilter, _ context: CheckContext) {
        self.families = families
        self.filter = filter
        limits = context.options.limits
    }

    mutating func next() -> CheckStep? {
        guard let names else { return .ask(CheckQuestion([Command("FT._LIST")])) }
        let batch = names.prefix(Self.batchSize)
        guard !batch.isEmpty else { return nil }
        return .ask(CheckQuestion(batch.map { Command(arguments: [Array("FT.INFO".utf8), $0]) }))
    }

    mutating func read(_ answer: CheckAnswer) {
        guard case .replies(let replies) = answer else {
            outcome.noteRefusal(answer)
            return names = []
        }
        guard let batch = names?.prefix(Self.batchSize) else { return names = list(replies.first) }
        for (name, reply) in zip(batch, replies) {
            if reply.kind == .array { add(name, FieldPairs(reply)) } else { outcome.noteNotExpected(reply) }
        }
        names?.removeFirst(batch.count)
    }

    private mutating func list(_ reply: Reply?) -> [[UInt8]] {
        guard let reply, reply.kind == .array else {
            outcome.noteNotExpected(reply)
            return []
        }
        var names: [[UInt8]] = []
        for element in reply.elements where filter.matches(element.text) {
            let name = element.byteArray
            if name.count > limits.nameBytes {
                outcome.drop(.name)
            } else if names.count >= limits.searchIndexes {
                outcome.drop(.searchIndexes)
            } else {
                names.append(name)
            }
        }
        return names
    }

    private mutating func add(_ name: [UInt8], _ fields: FieldPairs) {
        let labels = outcome.samples.labelStart
        outcome.samples.addLabel(name)
        for family in SearchIndexFamilies.allCases {
            guard let reply = fields[family.row.field] else { continue }
            guard let number = reply.number else {
                // A mean of nothing is `nan` or `-nan`.
                if !reply.text.hasSuffix("nan") { outcome.skips.add(.notANumber) }
                continue
            }
            outcome.samples.append(families[family], labelsFrom: labels, number * family.factor)
        }
    }
}

/// Families of search indexes, under the names that redis_exporter gave them.
enum SearchIndexFamilies: Int, MetricFamilies {
    case documents, maxDocumentID, terms, records, invertedSize, invertedBlocks, vectorSize, offsetVectorsSize
    case documentTableSize, sortableValuesSize, keyTableSize, tagOverhead, textOverhead, totalMemory, geoshapesSize
    case recordsPerDocument, bytesPerRecord, offsetsPerTerm, offsetBitsPerRecord, indexing, percentIndexed
    case hashFailures, cleaning, uses

    /// Sizes are in MB, of 1,048,576 bytes.
    fileprivate var factor: Double {
        row.unit == .bytes && self != .bytesPerRecord ? 1_048_576 : 1
    }

    var row: MetricRow {
        switch self {
        case .documents: gauge("num_docs", "num_docs", "Documents of the index.")
        case .maxDocumentID: gauge("max_doc_id", "max_doc_id", "Greatest identifier of a document.")
        case .terms: gauge("num_terms", "num_terms", "Distinct terms of the index.")
        case .records: gauge("num_records", "num_records", "Records of the index.")
        case .invertedSize: size("inverted_sz_mb", "inverted", "Memory of the inverted index in bytes.")
        case .invertedBlocks:
            gauge("total_inverted_index_blocks", "total_inverted_index_blocks", "Blocks of the inverted index.")
        case .vectorSize: size("vector_index_sz_mb", "vector_index", "Memory of vectors in bytes.")
        case .offsetVectorsSize:
            size("offset_vectors_sz_mb", "offset_vectors", "Memory of the offsets of terms in bytes.")
        case .documentTableSize: size("doc_table_size_mb", "doc_table", "Memory of the table of documents in bytes.")
        case .sortableValuesSize:
            size("sortable_values_size_mb", "sortable_values", "Memory of the sortable values in bytes.")
        case .keyTableSize: size("key_table_size_mb", "key_table", "Memory of the table of keys in bytes.")
        case .tagOverhead: size("tag_overhead_sz_mb", "tag_overhead", "Memory of tags beside the terms in bytes.")
        case .textOverhead: size("text_overhead_sz_mb", "text_overhead", "Memory of texts beside the terms in bytes.")
        case .totalMemory: size("total_index_memory_sz_mb", "total_index_memory", "Memory of the index in bytes.")
        case .geoshapesSize: size("geoshapes_sz_mb", "geoshapes", "Memory of geometric shapes in bytes.")
        case .recordsPerDocument:
            gauge("records_per_doc_avg", "avg_per_doc_records", "Mean number of records of a document.")
        case .bytesPerRecord:
            MetricRow(
                "bytes_per_record_avg", "redis_search_index_avg_per_record_bytes", .gauge, .bytes,
                labels: ["index_name"], help: "Mean size of a record in bytes."
            )
        case .offsetsPerTerm: gauge("offsets_per_term_avg", "avg_per_term_offsets", "Mean number of offsets of a term.")
        case .offsetBitsPerRecord:
            gauge("offset_bits_per_record_avg", "avg_per_record_offset_bits", "Mean bits of a record's offsets.")
        case .indexing: gauge("indexing", "indexing", "Whether the index is being built.")
        case .percentIndexed: gauge("percent_indexed", "percent_indexed", "Share of the documents that is indexed.")
        case .hashFailures:
            gauge("hash_indexing_failures", "hash_indexing_failures", "Documents that could not be indexed.")
        case .cleaning: gauge("cleaning", "cleaning", "Whether the index is being cleaned.")
        case .uses:
            MetricRow(
                "number_of_uses", "redis_search_index_number_of_uses_total", .counter, labels: ["index_name"],
                help: "Uses of the index so far."
            )
        }
    }

    private func gauge(_ field: String, _ name: String, _ help: String) -> MetricRow {
        MetricRow(field, "redis_search_index_" + name, .gauge, labels: ["index_name"], help: help)
    }

    private func size(_ field: String, _ name: String, _ help: String) -> MetricRow {
        MetricRow(
            field, "redis_search_index_\(name)_size_bytes", .gauge, .bytes, labels: ["index_name"], help: help
        )
    }
}
