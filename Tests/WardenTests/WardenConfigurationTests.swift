import SandboxSpec
import Testing

@testable import Warden

@Suite("warden.conf")
struct WardenConfigurationTests {
    private func parse(_ text: String) throws(WardenConfigurationError) -> WardenConfiguration {
        try WardenConfiguration(parsing: text, file: "warden.conf")
    }

    private func mistake(_ text: String) -> String? {
        do throws(WardenConfigurationError) {
            _ = try parse(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("may say nothing", arguments: ["", "\n", "\n\n", "# only a comment", "   \n\t\n", "#\n#=#"])
    func empty(text: String) throws {
        #expect(try parse(text) == WardenConfiguration())
    }

    @Test("sets every key")
    func everything() throws {
        let configuration = try parse(
            """
            # who may do what
            image_roots = /srv/images  /var/lib/nestbox/roots   # two of them
            host_paths=/usr /bin
            first_id = 1000000
            id_block = 256
            id_blocks = 4
              max_sandboxes   =   16\t
            zygote_boot_seconds = 2
            zygote_memory = 268435456
            zygote_answer_seconds = 600
            network_lenders = 0
            preparation_seconds = 1
            cgroup_parent = /nestbox
            lock_file = /run/other.lock
            ceiling.cpu = 30000000000
            ceiling.file_size = 1048576
            """)
        var wanted = WardenConfiguration()
        wanted.imageRoots = ["/srv/images", "/var/lib/nestbox/roots"]
        wanted.hostPaths = ["/usr", "/bin"]
        wanted.firstID = 1_000_000
        wanted.idBlock = 256
        wanted.idBlocks = 4
        wanted.maximumSandboxes = 16
        wanted.zygoteBootSeconds = 2
        wanted.zygoteMemory = 256 << 20
        wanted.zygoteAnswerSeconds = 600
        wanted.networkLenders = 0
        wanted.preparationSeconds = 1
        wanted.cgroupParent = "/nestbox"
        wanted.lockFile = "/run/other.lock"
        wanted.ceiling = try Limits.maximum.setting(.cpu, to: 30_000_000_000).setting(.fileSize, to: 1_048_576)
        #expect(configuration == wanted)
    }

    @Test("takes an empty list for nothing, never for everything")
    func nothing() throws {
        #expect(try parse("image_roots =").imageRoots == [])
        #expect(try parse("host_paths = # none").hostPaths == [])
    }

    @Test(
        "says the line and what is wrong with it",
        arguments: [
            ("first_id", "warden.conf:1: expected key = value, found \"first_id\""),
            ("\n\n  nonsense here\n", "warden.conf:3: expected key = value, found \"nonsense here\""),
            ("# x\nfirst_id = 0", "warden.conf:2: first_id: found 0, allowed is 100000 to 1900000000"),
            ("first_id = 1900000001", "warden.conf:1: first_id: found 1900000001, allowed is 100000 to 1900000000"),
            ("id_block = 63", "warden.conf:1: id_block: found 63, allowed is 64 to 65536"),
            ("id_block = 65537", "warden.conf:1: id_block: found 65537, allowed is 64 to 65536"),
            ("id_blocks = 0", "warden.conf:1: id_blocks: found 0, allowed is 1 to 1024"),
            ("max_sandboxes = 8193", "warden.conf:1: max_sandboxes: found 8193, allowed is 1 to 8192"),
            ("max_sandboxes = many", "warden.conf:1: max_sandboxes: found many, allowed is 1 to 8192"),
            ("max_sandboxes = 1e3", "warden.conf:1: max_sandboxes: found 1e3, allowed is 1 to 8192"),
            ("max_sandboxes = 0x10", "warden.conf:1: max_sandboxes: found 0x10, allowed is 1 to 8192"),
            ("max_sandboxes = -1", "warden.conf:1: max_sandboxes: found -1, allowed is 1 to 8192"),
            ("max_sandboxes = 99999999999999999999", "warden.conf:1: max_sandboxes: found 99999999999999999999, "),
            ("max_sandboxes =", "warden.conf:1: max_sandboxes: found , allowed is 1 to 8192"),
            ("max_sandboxes = 1 2", "warden.conf:1: max_sandboxes: found 1 2, allowed is 1 to 8192"),
            ("image_roots = srv", "warden.conf:1: image_roots: found srv, allowed are absolute paths without .."),
            ("host_paths = /usr /usr/../etc", "warden.conf:1: host_paths: found /usr/../etc, allowed are"),
            ("lock_file = lock", "warden.conf:1: lock_file: found lock, allowed are"),
            ("cgroup_parent = ..", "warden.conf:1: cgroup_parent: found .., allowed are"),
            ("id_blocks = 1\n\nid_blocks = 1", "warden.conf:3: id_blocks is given twice"),
            ("ceiling.cpu = 0", "warden.conf:1: ceiling.cpu: found 0, allowed is 1000000 to 86400000000000"),
            ("ceiling.cpu = 5s", "warden.conf:1: ceiling.cpu: found 5s, allowed is 1000000 to 86400000000000"),
            ("ceiling.cpu = 86400000000001", "warden.conf:1: ceiling.cpu: found 86400000000001, allowed is"),
            ("ceiling.nice = 1", "warden.conf:1: unknown key ceiling.nice, allowed are image_roots"),
            ("ceiling. = 1", "warden.conf:1: unknown key ceiling., allowed are image_roots"),
            ("First_id = 100000", "warden.conf:1: unknown key First_id, allowed are image_roots"),
            ("= 1", "warden.conf:1: unknown key , allowed are image_roots"),
        ])
    func mistakes(text: String, start: String) throws {
        let found = try #require(mistake(text))
        #expect(found.hasPrefix(start), "\(found)")
    }

    @Test("keeps the ids of all blocks below 2^31")
    func range() throws {
        let largest = try parse("first_id = 1900000000\nid_block = 65536\nid_blocks = 1024")
        let end = Int64(largest.firstID) + Int64(largest.idBlock) * Int64(largest.idBlocks)
        #expect(end < Int64(Int32.max))
    }

    @Test("shows no more than a line's start")
    func long() throws {
        let found = try #require(mistake(String(repeating: "x", count: 60_000)))
        #expect(found.utf8.count < 200)
    }
}
