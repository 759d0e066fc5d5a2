internal import JupyterAPI
internal import RunAPI
internal import ServerSettings

/// The settings of single APIs.
extension Daemon {
    var apiSettings: RunAPISettings {
        var api = RunAPISettings(webDirectory: settings.paths.web)
        api.maximumBody = settings.limits.body
        api.maximumMessage = settings.limits.message
        api.messagesPerSecond = settings.limits.messagesPerSecond
        api.version = Installation.version
        return api
    }

    var jupyterSettings: JupyterSettings {
        var jupyter = JupyterSettings()
        jupyter.maximumMessage = settings.limits.message
        jupyter.messagesPerSecond = settings.limits.messagesPerSecond
        jupyter.version = Installation.version
        return jupyter
    }
}
