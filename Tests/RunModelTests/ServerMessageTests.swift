import RunModel
import Testing

@Suite struct ServerMessageTests {
    private static let text = "00112233445566778899aabbccddeeff"

    private func line(_ message: ServerMessage) -> String { String(decoding: message.line, as: UTF8.self) }

    @Test func everyMessageHasTheFieldsOfTheContract() throws {
        let id = try #require(RunID(Self.text))
        #expect(
            line(.attached(runID: id, state: .running, nextSequence: 7, mode: .observe, ref: "a"))
                == #"{"mode":"observe","next_seq":7,"ref":"a","run_id":"\#(Self.text)","state":"running","#
                + #""type":"attached"}"#
        )
        #expect(
            line(.attached(runID: id, state: .finished, nextSequence: 0, mode: .control, ref: nil))
                == #"{"mode":"control","next_seq":0,"run_id":"\#(Self.text)","state":"finished","type":"attached"}"#)
        #expect(line(.detached(runID: id, ref: "é")) == #"{"ref":"é","run_id":"\#(Self.text)","type":"detached"}"#)
        #expect(line(.pong(ref: "\"")) == #"{"ref":"\"","type":"pong"}"#)
        #expect(line(.pong(ref: nil)) == #"{"type":"pong"}"#)
        #expect(line(.heartbeat) == #"{"type":"heartbeat"}"#)
        #expect(
            line(.lagged(runID: id, from: 3, to: 9)) == #"{"from":3,"run_id":"\#(Self.text)","to":9,"type":"lagged"}"#)
        let error = APIError(.runNotFound, "no", retryable: false, details: ["a": "b"])
        #expect(
            line(.failed(error, ref: "r", runID: id))
                == #"{"code":"RUN_NOT_FOUND","details":{"a":"b"},"message":"no","ref":"r","retryable":false,"#
                + #""run_id":"\#(Self.text)","type":"error"}"#)
        #expect(
            line(.failed(APIError(.rateLimited, "slow", retryable: true), ref: nil, runID: nil))
                == #"{"code":"RATE_LIMITED","details":{},"message":"slow","retryable":true,"type":"error"}"#)
    }
}
