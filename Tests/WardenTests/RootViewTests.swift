import Glibc
import LinuxSystem
import SandboxSpec
import TestSupport
import Testing

@testable import Warden

@Suite("Root views", .enabled(if: geteuid() == 0))
struct RootViewTests {
    private let directory: TemporaryDirectory
    private let configuration: WardenConfiguration

    /// An image root `roots` with one image in it, `roots/image`.
    init() throws {
        directory = try TemporaryDirectory()
        try directory.makeDirectory("roots")
        try directory.makeDirectory("roots/image")
        var configuration = WardenConfiguration()
        configuration.imageRoots = [directory.path + "/roots"]
        self.configuration = configuration
    }

    /// What the view of an image is about, or why there is none.
    private func view(_ path: String) -> Result<[String], StageFailure> {
        do throws(StageFailure) {
            let view = try RootView.make(.tree(path), configuration)
            return .success(view.objects)
        } catch {
            return .failure(error)
        }
    }

    private func refusal(_ path: String) -> StageFailure? {
        if case .failure(let failure) = view(path) { failure } else { nil }
    }

    private var image: String { directory.path + "/roots/image" }

    @Test("show what an image has, in order, without what is Nestbox's own")
    func entries() throws {
        for name in ["usr", "etc", "proc", "dev", "tmp", "box", "sys", "run"] {
            try directory.makeDirectory("roots/image/\(name)")
        }
        try directory.write("", to: "roots/image/hello")
        try directory.makeLink("roots/image/bin", to: "usr/bin")
        #expect(view(image) == .success(["bin", image + "/etc", image + "/hello", image + "/usr"]))
        #expect(view(directory.path + "/roots/image") == view(image))
    }

    @Test("may be empty, and may be an image root itself")
    func empty() throws {
        #expect(view(image) == .success([]))
        #expect(view(directory.path + "/roots") == .success([image]))
    }

    @Test("are made of trees below an image root only")
    func outside() throws {
        try directory.makeDirectory("roots-evil")
        try directory.makeDirectory("other")
        let roots = directory.path + "/roots"
        for path in [
            "/", "/etc", directory.path, directory.path + "/other", directory.path + "/roots-evil", roots + "/../other",
            roots + "/image/../../other", roots + "/./image", roots + "//image", roots + "/image/", "", "image",
            "roots/image", roots + "/..",
        ] {
            let failure = refusal(path)
            #expect(failure?.stage == "view_source" && failure?.errno == EPERM, "\(path)")
        }
        #expect(refusal(roots + "/none")?.errno == ENOENT)
    }

    @Test("of no image roots are none")
    func noRoots() throws {
        var configuration = configuration
        configuration.imageRoots = []
        let image = image
        #expect(throws: StageFailure.self) {
            let view = try RootView.make(.tree(image), configuration)
            _ = view.objects
        }
    }

    @Test("are never reached over a symbolic link")
    func links() throws {
        try directory.makeLink("roots/link", to: "image")
        try directory.makeDirectory("elsewhere")
        try directory.makeDirectory("elsewhere/image")
        try directory.makeLink("roots/away", to: "../elsewhere")
        #expect(refusal(directory.path + "/roots/link")?.errno == ENOTDIR)
        #expect(refusal(directory.path + "/roots/away/image")?.errno == ENOTDIR)
        try directory.write("", to: "roots/file")
        #expect(refusal(directory.path + "/roots/file")?.errno == ENOTDIR)
    }

    @Test("are made of trees that only root may write", arguments: [0o775, 0o757, 0o777] as [UInt32])
    func writable(mode: UInt32) throws {
        #expect(chmod(image, mode) == 0)
        let failure = refusal(image)
        #expect(failure?.errno == EPERM && failure?.object.contains("others than root may write") == true)
    }

    @Test("are made of trees of root")
    func owner() throws {
        try Files.changeOwner(image, user: 12_345)
        #expect(refusal(image)?.errno == EPERM)
    }

    @Test("take no file where a directory must be", arguments: ["proc", "dev", "tmp", "box", "sys", "run"])
    func reserved(name: String) throws {
        try directory.write("", to: "roots/image/\(name)")
        #expect(
            refusal(image) == StageFailure(stage: "view_source", errno: ENOTDIR, object: image + "/" + name))
    }

    @Test("take no link where a directory must be", arguments: ["proc", "dev", "tmp", "box"])
    func reservedLink(name: String) throws {
        try directory.makeLink("roots/image/\(name)", to: "/etc")
        #expect(refusal(image)?.errno == ENOTDIR)
    }

    @Test("take neither devices nor FIFOs")
    func special() throws {
        #expect(mkfifo(image + "/fifo", 0o644) == 0)
        #expect(refusal(image) == StageFailure(stage: "view_source", errno: EINVAL, object: image + "/fifo"))
        unlink(image + "/fifo")
        #expect(mknod(image + "/disk", S_IFCHR | 0o600, 0x0103) == 0)
        #expect(refusal(image)?.errno == EINVAL)
    }

    @Test("take no name that is not text")
    func notText() throws {
        let name = image.utf8CString.dropLast() + [0x2f, -1, -2, 0]
        #expect(mkdir(Array(name), 0o755) == 0)
        #expect(refusal(image)?.stage == "view_source")
        #expect(rmdir(Array(name)) == 0)
    }

    @Test("have room for 256 entries")
    func bound() throws {
        for index in 0..<256 { try directory.makeDirectory("roots/image/d\(index)") }
        #expect(throws: Never.self) { try view(image).get() }
        try directory.makeDirectory("roots/image/d256")
        #expect(refusal(image)?.errno == E2BIG)
    }

    @Test("of the host show the listed paths and a made-up /etc")
    func host() throws {
        try directory.makeDirectory("usr")
        try directory.makeLink("bin", to: "usr/bin")
        var configuration = configuration
        configuration.hostPaths = [
            directory.path + "/usr", directory.path + "/bin", directory.path + "/none", "/etc/passwd/x",
        ]
        let view = try RootView.make(.host, configuration)
        let objects = view.objects
        #expect(objects.prefix(2) == [directory.path + "/usr", String(directory.path.dropFirst()) + "/bin"])
        #expect(objects.dropFirst(2) == ["etc/passwd", "etc/group", "etc/hosts", "etc/nsswitch.conf"])
        configuration.hostPaths = ["/dev/null"]
        let devices = configuration
        #expect(throws: StageFailure(stage: "view_source", errno: EINVAL, object: "/dev/null")) {
            let view = try RootView.make(.host, devices)
            _ = view.objects
        }
    }
}
