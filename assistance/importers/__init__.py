from assistance.importers.aid import AidImporter

__all__ = ["AidImporter"]
