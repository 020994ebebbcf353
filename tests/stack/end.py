"""The end of the stack."""

from __future__ import annotations

from .project import Project, layer_versions, pictures_bucket


def test_destroy_leaves_nothing_but_retained_layer_versions(project: Project) -> None:
    # People's pictures are not the stack's to delete.
    bucket, s3 = pictures_bucket(project), project.client("s3")
    kept = s3.list_object_versions(Bucket=bucket)
    for each in [*kept.get("Versions", ()), *kept.get("DeleteMarkers", ())]:
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    project.pulumi("destroy", "--stack", "local", "--yes")
    assert project.client("lambda").list_functions()["Functions"] == []
    assert project.client("s3").list_buckets()["Buckets"] == []
    assert project.client("iam").list_roles()["Roles"] == []
    assert layer_versions(project)
