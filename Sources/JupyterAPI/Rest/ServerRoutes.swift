internal import HTTPInterface
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService

/// The server itself, and its kernelspecs.
struct ServerRoutes: Sendable {
    let services: JupyterServices

    func version(_ request: RouteRequest) throws -> Reply {
        .json { output in
            output.open()
            output.member("version", services.settings.version)
            output.close()
        }
    }

    func status(_ request: RouteRequest) throws -> Reply {
        let kernels = services.kernels.list(owner: request.caller.owner)
        let newest = kernels.map(\.session.summary.lastActiveAt).max() ?? services.startedAt
        return .json { output in
            output.open()
            output.member("connections", kernels.reduce(0) { $0 + $1.connections })
            output.member("kernels", kernels.count)
            output.member("last_activity", Timestamp.text(milliseconds: newest))
            output.member("started", Timestamp.text(milliseconds: services.startedAt))
            output.close()
        }
    }

    func specs(_ request: RouteRequest) throws -> Reply {
        let languages = services.languages()
        return .json { output in
            output.open()
            output.member("default", KernelLanguage.standard(of: languages)?.name ?? "")
            output.key("kernelspecs")
            output.open()
            for language in languages {
                output.key(escaping: language.name)
                language.writeSpec(to: &output)
            }
            output.close()
            output.close()
        }
    }

    func spec(_ request: RouteRequest) throws -> Reply {
        let language = try services.kernels.language(request.parameter())
        return .json { language.writeSpec(to: &$0) }
    }
}
