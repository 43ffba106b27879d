import Testing

@testable import HTTPServer

@Suite struct ConnectionStateMachineTests {
    private func machine(pipelined: Int = 2) -> ConnectionStateMachine {
        ConnectionStateMachine(
            limits: HTTPLimits(bodyBytes: 10, pipelinedRequests: pipelined),
            timeouts: HTTPTimeouts(
                head: .seconds(10), body: .seconds(30), idle: .seconds(60), write: .seconds(5), linger: .seconds(1),
                drain: .seconds(2)),
            now: .zero)
    }

    /// A machine with a request at its handler.
    private func handling(pipelined: Int = 2) -> ConnectionStateMachine {
        var machine = machine(pipelined: pipelined)
        receive(&machine)
        _ = machine.next(now: .zero)
        return machine
    }

    private func receive(_ machine: inout ConnectionStateMachine, isLast: Bool = false) {
        _ = machine.headReceived(refusal: nil, expectsContinue: false, now: .zero)
        _ = machine.endReceived(isLast: isLast)
    }

    private func respond(_ machine: inout ConnectionStateMachine, keepAlive: Bool = true) -> ConnectionStateMachine
        .After?
    {
        machine.responseBegins(keepAlive: keepAlive, isRefusal: false, streams: false, endless: false, now: .zero)
    }

    @Test("a request goes to its handler, its response out, and the connection waits for the next")
    func wholeRound() {
        var machine = machine()
        #expect(machine.headReceived(refusal: nil, expectsContinue: false, now: .zero) == .collect)
        #expect(machine.bodyReceived(count: 10) == .append)
        #expect(machine.endReceived(isLast: false) == .enqueue)
        #expect(machine.next(now: .zero) == .serve)
        #expect(machine.next(now: .zero) == .nothing)
        #expect(respond(&machine) == .keepAlive)
        #expect(machine.responseTaken(now: .seconds(1)) == .nothing)
        #expect(machine.outbound == .idle(since: .seconds(1)))
        #expect(machine.deadline == .seconds(61))
    }

    @Test("while a response is on its way no more is read than the beginning of the next request")
    func reading() {
        var machine = machine()
        #expect(machine.wantsRead)
        receive(&machine)
        #expect(!machine.wantsRead)
        _ = machine.next(now: .zero)
        #expect(machine.wantsRead)
        machine.bytesReceived(now: .zero)
        #expect(!machine.wantsRead)
        _ = respond(&machine)
        #expect(!machine.wantsRead)
        _ = machine.responseTaken(now: .zero)
        #expect(machine.wantsRead)
    }

    @Test("a request that arrives while one is handled waits for its turn")
    func queueing() {
        var machine = handling()
        receive(&machine)
        #expect(machine.next(now: .zero) == .nothing)
        #expect(machine.queued == 1)
        _ = respond(&machine)
        _ = machine.responseTaken(now: .zero)
        #expect(machine.next(now: .zero) == .serve)
    }

    @Test("only the response to the last request closes the connection")
    func lastRequest() {
        var machine = handling()
        receive(&machine, isLast: true)
        #expect(machine.headReceived(refusal: nil, expectsContinue: false, now: .zero) == .ignore)
        #expect(respond(&machine) == .keepAlive)
        _ = machine.responseTaken(now: .zero)
        #expect(machine.next(now: .zero) == .serve)
        #expect(respond(&machine) == .close)
        #expect(machine.responseTaken(now: .zero) == .close)
    }

    @Test("more requests than may wait are refused, once")
    func pipelineLimit() {
        var machine = handling(pipelined: 1)
        receive(&machine)
        #expect(
            machine.headReceived(refusal: nil, expectsContinue: false, now: .zero) == .refuse(.pipelineLimit))
        #expect(machine.endReceived(isLast: false) == .ignore)
        #expect(machine.headReceived(refusal: nil, expectsContinue: false, now: .zero) == .ignore)
        #expect(machine.queued == 2)
    }

    @Test("a body is refused with the first byte too many and the rest of it dropped")
    func bodyLimit() {
        var machine = machine()
        _ = machine.headReceived(refusal: nil, expectsContinue: false, now: .zero)
        #expect(machine.bodyReceived(count: 6) == .append)
        #expect(machine.bodyReceived(count: 5) == .refuse(.bodyTooLarge))
        #expect(machine.bodyReceived(count: 1) == .ignore)
        #expect(machine.endReceived(isLast: false) == .ignore)
        #expect(machine.next(now: .zero) == .serve)
    }

    @Test("after a refusal the sending side is closed and what comes is dropped until the client closes or time is up")
    func lingering() {
        var machine = machine()
        #expect(machine.refused(.malformed) == true)
        #expect(machine.refused(.malformed) == false)
        #expect(machine.next(now: .zero) == .serve)
        let after = machine.responseBegins(
            keepAlive: false, isRefusal: true, streams: false, endless: false, now: .zero)
        #expect(after == .linger)
        #expect(machine.responseTaken(now: .seconds(3)) == .closeOutput)
        #expect(machine.wantsRead)
        #expect(machine.next(now: .seconds(3)) == .nothing)
        #expect(machine.deadline == .seconds(4))

        var impatient = machine
        #expect(impatient.deadlineReached(now: .seconds(4)) == .close(nil))
        #expect(machine.inputEnded() == .nothing)
        #expect(machine.next(now: .seconds(3)) == .close)
    }

    @Test("'100 Continue' is owed once, and not when the body is already coming")
    func continuing() {
        var machine = machine()
        _ = machine.headReceived(refusal: nil, expectsContinue: true, now: .zero)
        var eager = machine
        #expect(machine.next(now: .zero) == .sendContinue)
        #expect(machine.next(now: .zero) == .nothing)
        _ = eager.bodyReceived(count: 1)
        #expect(eager.next(now: .zero) == .nothing)
    }

    @Test("'100 Continue' waits for the response before it")
    func continuingInOrder() {
        var machine = handling()
        _ = machine.headReceived(refusal: nil, expectsContinue: true, now: .zero)
        #expect(machine.next(now: .zero) == .nothing)
        _ = respond(&machine)
        _ = machine.responseTaken(now: .zero)
        #expect(machine.next(now: .zero) == .sendContinue)
    }

    @Test("a client that goes away cancels its handler, and an idle connection ends with it")
    func clientGone() {
        var busy = handling()
        #expect(busy.inputEnded() == .cancelHandler)
        #expect(respond(&busy) == .close)
        #expect(busy.responseTaken(now: .zero) == .close)

        var idle = machine()
        #expect(idle.inputEnded() == .nothing)
        #expect(idle.next(now: .zero) == .close)
    }

    @Test("the deadlines of head and body start where the client is to blame")
    func receivingDeadlines() {
        var machine = machine()
        machine.bytesReceived(now: .seconds(5))
        machine.bytesReceived(now: .seconds(8))
        #expect(machine.deadline == .seconds(15))
        #expect(machine.deadlineReached(now: .seconds(14)) == .nothing)
        var slow = machine
        #expect(slow.deadlineReached(now: .seconds(15)) == .refuse(.requestTimeout))
        _ = machine.headReceived(refusal: nil, expectsContinue: false, now: .seconds(9))
        #expect(machine.deadline == .seconds(39))
    }

    @Test("the time in which a request could not be read does not count against it")
    func deadlineAfterResponse() {
        var machine = handling()
        machine.bytesReceived(now: .seconds(1))
        #expect(machine.deadline == nil)
        _ = respond(&machine)
        _ = machine.responseTaken(now: .seconds(100))
        #expect(machine.deadline == .seconds(110))
    }

    @Test("a client that takes nothing is cut, one that takes a piece has its time again")
    func slowReader() {
        var whole = handling()
        _ = respond(&whole)
        #expect(whole.deadlineReached(now: .seconds(5)) == .close(.slowReader))

        var stream = handling()
        _ = stream.responseBegins(keepAlive: true, isRefusal: false, streams: true, endless: false, now: .zero)
        #expect(stream.deadline == nil)
        #expect(stream.pieceWritten(now: .seconds(10)) == true)
        #expect(stream.pieceWritten(now: .seconds(12)) == true)
        #expect(stream.deadline == .seconds(15))
        stream.pieceTaken(now: .seconds(13))
        #expect(stream.deadline == .seconds(18))
        #expect(stream.deadlineReached(now: .seconds(18)) == .close(.slowReader))
        stream.pieceTaken(now: .seconds(14))
        #expect(stream.deadline == nil)
        #expect(stream.streamEnded(now: .seconds(14)) == true)
        #expect(stream.pieceWritten(now: .seconds(14)) == false)
    }

    @Test("at shutdown the request at its handler is answered, those behind it are not")
    func shutdown() {
        var machine = handling()
        receive(&machine)
        #expect(machine.shutdownBegins(now: .seconds(1)) == .nothing)
        #expect(machine.deadline == .seconds(3))
        #expect(respond(&machine) == .close)
        #expect(machine.responseTaken(now: .seconds(1)) == .close)
    }

    @Test("at shutdown an endless stream is ended, another gets the drain time")
    func shutdownOfStreams() {
        for endless in [true, false] {
            var machine = handling()
            _ = machine.responseBegins(
                keepAlive: true, isRefusal: false, streams: true, endless: endless, now: .zero)
            #expect(machine.shutdownBegins(now: .zero) == (endless ? .endStream : .nothing))
            #expect(machine.deadlineReached(now: .seconds(1)) == .nothing)
            #expect(machine.deadlineReached(now: .seconds(2)) == .close(nil))
        }
    }

    @Test("a response that comes after the end goes nowhere")
    func lateResponse() {
        var machine = handling()
        #expect(machine.connectionClosed() == .cancelHandler)
        #expect(respond(&machine) == nil)
        #expect(machine.pieceWritten(now: .zero) == false)
        #expect(machine.streamEnded(now: .zero) == false)
        #expect(machine.next(now: .zero) == .nothing)
        #expect(machine.deadline == nil)
    }
}
