/// When a rule group is evaluated: every interval, at an offset of its own so that groups do not all start at once.
///
/// Times are milliseconds since 1970. The same group has the same times in every process.
struct EvaluationSchedule {
    let intervalMilliseconds: Int64
    let offsetMilliseconds: Int64

    init(_ group: RuleGroup) {
        intervalMilliseconds = group.intervalMilliseconds
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in group.file.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        for byte in group.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        offsetMilliseconds = Int64(hash % UInt64(group.intervalMilliseconds))
    }

    /// The last time of evaluation that is not after `now`.
    func slot(at now: Int64) -> Int64 {
        let shifted = now - offsetMilliseconds
        return shifted.flooredQuotient(intervalMilliseconds) * intervalMilliseconds + offsetMilliseconds
    }

    /// Whether a time lies further ahead than the next evaluation, as after the clock was set back.
    func isBeyondNext(_ due: Int64, now: Int64) -> Bool {
        due - now > intervalMilliseconds
    }

    /// The evaluation to make now when one was due at `due`, and how many were missed on the way.
    func catchUp(due: Int64, now: Int64) -> (time: Int64, missed: Int) {
        let late = max(0, now - due) / intervalMilliseconds
        return (due + late * intervalMilliseconds, Int(late))
    }
}
