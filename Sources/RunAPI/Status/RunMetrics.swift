package import RunExecution
internal import RunModel
package import RunService
internal import SandboxSpec
internal import SandboxSupply
package import ServiceMetrics

/// Metrics of runs and of data sent to clients. Names and labels are part of the interface: docs/metrics.md.
package struct RunMetrics: Sendable {
    package let registry: MetricsRegistry
    /// Open streams of server-sent events, of all APIs.
    package let streams: Gauge
    let outputBytes: Counter
    let messages: Counter
    private let runs: Counter
    private let queueSeconds: Histogram
    private let startSeconds: Histogram
    private let firstOutputSeconds: Histogram
    private let runSeconds: Histogram
    private let overdueRuns: Counter
    private let stageSeconds: Histogram
    private let refusedRuns: Counter

    package init(registry: MetricsRegistry) throws {
        self.registry = registry
        let latency = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
        streams = try registry.gauge("nestbox_event_streams", help: "Open server-sent event streams.", labels: [])
        outputBytes = try registry.counter(
            "nestbox_sent_output_bytes_total", help: "Bytes of program output sent to clients.", labels: ["transport"])
        messages = try registry.counter(
            "nestbox_websocket_messages_total", help: "Messages of clients, by type.", labels: ["type"])
        runs = try registry.counter(
            "nestbox_runs_total", help: "Runs that have ended.", labels: ["language", "verdict"])
        queueSeconds = try registry.histogram(
            "nestbox_run_queue_seconds", help: "Time from acceptance to admission.", labels: ["language"],
            buckets: latency)
        startSeconds = try registry.histogram(
            "nestbox_run_start_seconds", help: "Time from admission until the first program started.",
            labels: ["language", "warm"], buckets: latency)
        firstOutputSeconds = try registry.histogram(
            "nestbox_run_first_output_seconds", help: "Time from the first program's start to its first output.",
            labels: ["language"], buckets: latency)
        overdueRuns = try registry.counter(
            "nestbox_runs_overdue_total",
            help: "Deadlines of runs that passed and were acted on, by the state of the run.",
            labels: ["state"])
        stageSeconds = try registry.histogram(
            "nestbox_run_stage_seconds", help: "Time that runs spent in each of their stages.", labels: ["stage"],
            buckets: latency)
        refusedRuns = try registry.counter(
            "nestbox_runs_refused_total", help: "Submissions that were not accepted, by the code of the error.",
            labels: ["code"])
        runSeconds = try registry.histogram(
            "nestbox_run_seconds", help: "Time from acceptance to the end.", labels: ["language"], buckets: latency)
    }

    /// Adds the metrics that are looked up on request.
    package func watch(_ service: RunService, warden: RunAPIServices.WardenStatus) throws {
        try registry.gauge("nestbox_runs_in_flight", help: "Runs that have been admitted and not ended.") {
            Double(service.load.running)
        }
        try registry.gauge("nestbox_runs_queued", help: "Runs that wait for a sandbox.") {
            Double(service.load.waiting)
        }
        try registry.gauge("nestbox_runs_kept", help: "Finished runs whose events are kept.") {
            Double(service.load.finished)
        }
        try registry.gauge("nestbox_runs_kept_bytes", help: "Memory of finished runs.") {
            Double(service.load.finishedBytes)
        }
        try watchHealth(service, warden: warden)
        try watchWarden(warden)
        try registry.gauge("nestbox_warden_up", help: "Whether there is a warden.") { warden.read().isReady ? 1 : 0 }
        try registry.counter("nestbox_warden_restarts_total", help: "Wardens that had to be replaced since the start.")
        {
            Double(warden.read().status.restarts)
        }
    }

    /// The sandboxes as the warden counts them, zygotes not among them.
    private func watchWarden(_ warden: RunAPIServices.WardenStatus) throws {
        try registry.gauge("nestbox_sandboxes", help: "Sandboxes of the warden, by state.", labels: ["state"]) {
            guard let counts = warden.read().status.counts else { return [] }
            let changing = max(counts.sandboxes - counts.parked - counts.running - counts.quarantined, 0)
            return [
                (["parked"], Double(counts.parked)), (["running"], Double(counts.running)),
                (["changing"], Double(changing)), (["quarantined"], Double(counts.quarantined)),
            ]
        }
        try registry.gauge(
            "nestbox_sandboxes_changing_oldest_seconds",
            help: "Time that a sandbox has been in a temporary state, of the one that has been longest."
        ) { seconds(warden.read().status.counts?.oldestChange ?? 0) }
        try registry.gauge(
            "nestbox_warden_silence_seconds", help: "Time since the warden last answered; 0 while there is none."
        ) {
            guard let age = warden.read().status.countsAge else { return 0 }
            return Double(age.components.seconds) + Double(age.components.attoseconds) / 1e18
        }
    }

    private func watchHealth(_ service: RunService, warden: RunAPIServices.WardenStatus) throws {
        try registry.gauge(
            "nestbox_healthy", help: "Whether runs work, as far as is known; as /readyz."
        ) { HealthReport(service, warden: warden.read()).isFailing ? 0 : 1 }
        try registry.gauge(
            "nestbox_runs_queued_oldest_seconds", help: "Waiting time of the run that has waited longest."
        ) { seconds(service.vitals.oldestQueued ?? 0) }
        try registry.gauge(
            "nestbox_runs_starting_oldest_seconds", help: "Starting time of the sandbox that has been starting longest."
        ) { seconds(service.vitals.oldestStarting ?? 0) }
        try registry.counter(
            "nestbox_runs_given_up_total", help: "Runs whose sandbox never responded."
        ) { Double(service.vitals.givenUp) }
        try registry.counter("nestbox_test_runs_total", help: "Test runs made to check that runs work.") {
            Double(service.vitals.tests)
        }
        try registry.counter("nestbox_test_runs_failed_total", help: "Test runs that failed.") {
            Double(service.vitals.failedTests)
        }
        try registry.gauge(
            "nestbox_sandboxes_quarantined",
            help: "Sandboxes that the service no longer waits for and that have not ended."
        ) { Double(warden.read().status.quarantined) }
    }

    /// Counts a deadline of a run that has passed.
    package func overdue(_ stage: RunDeadlines.Stage) {
        overdueRuns.add(1, [stage.rawValue])
    }

    /// Counts a submission that was not accepted.
    package func refused(_ code: String) {
        refusedRuns.add(1, [code])
    }

    /// - Parameter cache: nil counts nothing.
    package func watch(_ cache: CompileCache?) throws {
        try registry.counter(
            "nestbox_compile_cache_hits_total", help: "Compile steps whose result was in the cache."
        ) { Double(cache?.counts.hits ?? 0) }
        try registry.counter(
            "nestbox_compile_cache_misses_total", help: "Compile steps whose result was not in the cache."
        ) { Double(cache?.counts.misses ?? 0) }
        try registry.gauge("nestbox_compile_cache_bytes", help: "Memory of the results of compile steps.") {
            Double(cache?.counts.bytes ?? 0)
        }
        try registry.gauge("nestbox_compile_cache_entries", help: "Results of compile steps that are kept.") {
            Double(cache?.counts.entries ?? 0)
        }
    }

    /// Counts a run that has ended.
    package func finished(_ run: RunRecord) {
        let language = run.identity.language
        let timings = run.timings
        runs.add(1, [language, run.outcome?.verdict.rawValue ?? "internal_error"])
        let times = run.control.stageTimes
        for stage in RunStageTimes.Stage.allCases {
            if let time = times[stage] { stageSeconds.observe(seconds(time), [stage.rawValue]) }
        }
        guard let admitted = timings.admitted else { return }
        queueSeconds.observe(seconds(admitted), [language])
        if let started = timings.started {
            startSeconds.observe(seconds(max(started - admitted, 0)), [language, run.warm?.rawValue ?? "cold"])
            if let output = timings.firstOutput {
                firstOutputSeconds.observe(seconds(max(output - started, 0)), [language])
            }
        }
        if let finished = timings.finished { runSeconds.observe(seconds(finished), [language]) }
    }
}

/// Nanoseconds as seconds.
private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1_000_000_000 }
