"""The addresses of progress: public ones below /kemajuan/, those of the workspace below /kerja/kemajuan/."""

from django.urls import URLPattern, URLResolver, path

from progress import announced_page, frozen, public, workspace

public_patterns: list[URLPattern | URLResolver] = [
    path("", public.progress, name="progress"),
    path("diumumkan/", announced_page.announced, name="announced"),
    path("predikat/", public.awards, name="awards"),
    path("ringkasan.pdf", public.progress_briefing, name="progress_briefing"),
    path("potret/", frozen.snapshots, name="snapshots"),
    path("potret/<int:pk>/", frozen.snapshot, name="snapshot"),
    path("potret/<int:pk>.json", frozen.snapshot_json, name="snapshot_json"),
    path("potret/<int:pk>.pdf", frozen.snapshot_paper, name="snapshot_paper"),
    path("<slug:slug>/", public.regency_progress, name="regency_progress"),
]

workspace_patterns: list[URLPattern | URLResolver] = [
    path("", workspace.progress_work, name="progress_work"),
    path("andai/", workspace.what_if, name="what_if"),
    path("potret/baru/", workspace.take_snapshot, name="take_snapshot"),
    path("potret/<int:pk>/", workspace.snapshot_record, name="snapshot_record"),
    path("potret/<int:pk>/tanda-tangan/", workspace.sign_snapshot, name="sign_snapshot"),
    path("potret/<int:pk>/tolak/", workspace.refuse_snapshot, name="refuse_snapshot"),
]
