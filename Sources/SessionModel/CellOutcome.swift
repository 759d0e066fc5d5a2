package import RunModel

/// A cell from its beginning to its end: what its events said.
package struct CellOutcome: Sendable, Equatable {
    package let executionID: String
    package var status: CellStatus
    package var outputs: [CellOutput]
    package var displays: [CellDisplay]
    package var result: CellValue?
    package var error: CellError?
    /// Seconds, by the service's clock.
    package var seconds: Double
    package var usage: CellUsage
    package var limit: SessionLimitReport?
    /// Events of its own are no longer kept: outputs may be missing at the beginning.
    package var isPartial: Bool

    package init(executionID: String) {
        self.executionID = executionID
        status = .aborted
        outputs = []
        displays = []
        seconds = 0
        usage = CellUsage()
        isPartial = false
    }

    /// Adds what an event says about this cell.
    ///
    /// - Returns: whether it was the last one.
    package mutating func take(_ event: SessionEvent) -> Bool {
        guard event.executionID == executionID else { return false }
        switch event.kind {
        case .output(_, let stream, let text, isBackground: false): add(stream, text)
        case .display(_, let display): show(display)
        case .clear: (outputs, displays) = ([], [])
        case .result(_, let value, let seconds):
            result = value
            self.seconds = seconds
        case .error(_, let error): self.error = error
        case .executionFinished(_, let status, let seconds, let usage, let limit):
            self.status = status
            self.seconds = seconds
            self.usage = usage
            self.limit = limit
            return true
        case .created, .state, .executionStarted, .output, .inputRequest, .inputReceived, .interrupted, .restarted,
            .stored,
            .checkpoint, .restored, .checkpointDropped, .takenOver, .warning, .closing, .ended:
            break
        }
        return false
    }

    /// A piece takes more memory than the byte it may have; a cell that goes back and forth between its streams has no more of them.
    private static let maximumPieces = 16_384

    /// Pieces of one stream in a row become one.
    private mutating func add(_ stream: OutputStream, _ text: OutputText) {
        if let last = outputs.indices.last, outputs[last].stream == stream {
            outputs[last].text.append(text)
            return
        }
        if outputs.count >= Self.maximumPieces { (outputs, isPartial) = ([], true) }
        outputs.append(CellOutput(stream: stream, text: text))
    }

    private mutating func show(_ display: CellDisplay) {
        guard display.isUpdate, let id = display.displayID else {
            displays.append(display)
            return
        }
        for index in displays.indices where displays[index].displayID == id {
            displays[index] = CellDisplay(data: display.data, displayID: id)
        }
    }
}

/// Bytes that a cell wrote, or something that wrote while it ran.
package struct CellOutput: Sendable, Equatable {
    package let stream: OutputStream
    package fileprivate(set) var text: OutputText

    package init(stream: OutputStream, text: OutputText) {
        self.stream = stream
        self.text = text
    }
}
