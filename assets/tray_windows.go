package assets

const trayExtension = ".ico"
