import ConfigurationFiles
import RunModel
import TestSupport
import Testing

@testable import Policies

/// The block `session` of policies.
@Suite struct SessionSettingsTests {
    @Test func whatNobodySaysIsUsual() throws {
        #expect(try Fixture.policy("description: x").session == .usual)
        #expect(try PolicySet.load(directory: Fixture.shipped).policy(named: "default").session == .usual)
    }

    @Test func eachKeyIsInheritedByItself() throws {
        let set = try Fixture.set([
            "a": """
            version: 1
            name: a
            extends: base
            session: {idle: 1m, cells: 7, cell: {wall: 5s}, on_limit: kill, pool: {min: 2}}
            """,
            "b": """
            version: 1
            name: b
            extends: a
            session: {life: 2h, cell: {output: 2KiB}, pool: {max: 3}}
            """,
        ])
        let session = try set.policy(named: "b").session
        var expected = SessionLimits.usual
        expected.idle = 60_000_000_000
        expected.life = 7_200_000_000_000
        expected.cells = 7
        expected.cell.wall = 5_000_000_000
        expected.cell.outputBytes = 2048
        expected.onLimit = .kill
        #expect(session == SessionSettings(limits: expected, poolMinimum: 2, poolMaximum: 3))
    }

    @Test func whatNobodyWroteGoesAlongWithItsBound() throws {
        let limits = try Fixture.policy("session: {life: 30s, cpu: 1s}").session.limits
        #expect(limits.idle == limits.life && limits.cell.wall == limits.life && limits.cell.cpu == limits.cpu)
    }

    @Test func everyLimitHasItsRange() throws {
        for name in SessionLimitName.allCases {
            let parts = name.rawValue.split(separator: ".")
            func session(_ value: String) -> String {
                parts.count == 1
                    ? "session: {\(parts[0]): \(value)}" : "session: {\(parts[0]): {\(parts[1]): \(value)}}"
            }
            let kind = QuantityKind(name.unit)
            func written(_ value: Int64) -> String {
                switch kind {
                case .duration:
                    let nanoseconds = String(value % 1_000_000)
                    return
                        "\(value / 1_000_000).\(String(repeating: "0", count: 6 - nanoseconds.count))\(nanoseconds)ms"
                case .bytes: return "\(value)B"
                default: return "\(value)"
                }
            }
            #expect(Fixture.diagnostics(session(written(name.range.lowerBound))) == [])
            for value in [name.range.lowerBound - 1, name.range.upperBound + 1] {
                let text = Fixture.diagnostics(session(written(value))).joined(separator: "\n")
                #expect(text.contains("p.yaml:4: session.\(name.rawValue): found "), "\(text)")
            }
        }
        // The sandbox has to live a minute longer than the session.
        #expect(SessionLimitName.life.range.upperBound + 60_000_000_000 <= 86_400_000_000_000)
    }

    @Test(arguments: [
        ("session: {idel: 1m}", "session.idel: found an unknown key", "did you mean \"idle\""),
        ("session: {cell: {cpus: 1}}", "session.cell.cpus: found an unknown key", "allowed cpu, wall, output"),
        (
            "session: {cell.cpu: 1s}", "found an unknown key",
            "idle, life, cpu, cells, history, cell, on_limit, on_idle, pool"
        ),
        ("session: {life: 24h}", "session.life: found \"24h\"", "allowed 1s to 23h"),
        ("session: {idle: 0s}", "session.idle: found \"0s\"", "allowed 1s to 23h"),
        ("session: {cells: 0}", "session.cells: found \"0\"", "allowed 1 to 1000000"),
        ("session: {cells: 1.5}", "session.cells: found \"1.5\"", "a whole number"),
        ("session: {history: 1}", "session.history: found \"1\"", "a number with a unit"),
        ("session: {cell: 5s}", "session.cell: found \"5s\"", "a mapping"),
        ("session: {on_limit: stop}", "session.on_limit: found \"stop\"", "interrupt, kill"),
        ("session: {pool: {min: 9}}", "session.pool.min: found 9", "at most 8, which is session.pool.max"),
        ("session: {pool: {min: 3, max: 2}}", "session.pool.min: found 3", "session.pool.max at p.yaml:4"),
        ("session: {pool: {warm: none}}", "session.pool.warm: found an unknown key", "min, max"),
        ("session: {idle: 9h}", "session.idle: found 9h", "at most 8h, which is session.life unless"),
        ("session: {idle: 2h, life: 1h}", "session.idle: found 2h", "at most 1h, which is session.life at p.yaml:4"),
        ("session: {cpu: 1s, cell: {cpu: 2s}}", "session.cell.cpu: found 2s", "session.cpu at p.yaml:4"),
        ("session: [1]", "session: found a list of 1", "a mapping"),
    ])
    func errors(lines: String, found: String, allowed: String) {
        let text = Fixture.diagnostics(lines).joined(separator: "\n")
        #expect(text.contains("p.yaml:4: ") && text.contains(found) && text.contains(allowed), "\(text)")
    }

    @Test func aBoundBelowWhatIsInheritedIsToldWhereItStands() throws {
        let lines = diagnostics { () throws(ConfigurationError) in
            _ = try Fixture.set([
                "a": "version: 1\nname: a\nextends: base\nsession: {idle: 1h}\n",
                "b": "version: 1\nname: b\nextends: a\nsession: {life: 10m}\n",
            ])
        }
        #expect(
            lines == [
                "b.yaml:4: session.life: found 10m, allowed at least 1h, which is session.idle at a.yaml:4"
            ])
    }
}
