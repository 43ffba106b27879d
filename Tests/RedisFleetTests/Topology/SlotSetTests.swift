import Testing

@testable import RedisFleet

@Suite("Set of slots")
struct SlotSetTests {
    @Test("It holds what a plain set of numbers holds, whatever is put in in whatever order")
    func model() {
        for round in 0..<200 {
            var slots = SlotSet()
            var model = Set<Int>()
            // Few slots, so that ranges touch and overlap often.
            let width = round % 2 == 0 ? 64 : SlotSet.slotCount
            let offset = round % 3 == 0 ? SlotSet.slotCount - width : 0
            for _ in 0..<Int.random(in: 0...40) {
                let first = offset + Int.random(in: 0..<width)
                let last = min(first + Int.random(in: 0...(width / 16)), SlotSet.slotCount - 1)
                slots.insert(Int64(first), Int64(last))
                model.formUnion(first...last)
            }
            #expect(slots.count == model.count && slots.isEmpty == model.isEmpty)
            #expect((-1...SlotSet.slotCount).allSatisfy { slots.contains($0) == model.contains($0) })
            #expect(zip(slots.ranges, slots.ranges.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound })
            let blocks = (0..<16).map { block in model.count { $0 / 1024 == block } }
            #expect(slots.countsByBlock == blocks)
            let rest = slots.complement
            #expect(rest.count == SlotSet.slotCount - model.count)
            var all = rest
            all.formUnion(slots)
            #expect(all.text() == "0-16383" && all.complement.isEmpty)
        }
    }

    @Test(
        "What is no range of slots changes nothing",
        arguments: [(-1, 5), (5, 4), (0, 16384), (Int64.min, Int64.max), (16384, 16384)] as [(Int64, Int64)]
    )
    func refused(_ first: Int64, _ last: Int64) {
        var slots = SlotSet()
        let isTaken = slots.insert(first, last)
        #expect(!isTaken && slots.isEmpty)
    }
}
