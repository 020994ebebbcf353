# A layer version whose identity is its content: a new one appears when the digest changes, and only then.

locals {
  # What is null is left out of a query, so the builder's own defaults hold.
  lists = { for key, value in {
    exclude = var.exclude
    prefer  = var.prefer
    extra   = var.extra
    group   = var.group
    require = var.require
  } : key => jsonencode(value) if length(value) > 0 }
}

data "external" "layer" {
  program = var.program != null ? var.program : ["sh", "${path.module}/lamina.sh"]

  query = merge(local.lists, {
    lock           = var.lock
    python         = var.python
    architecture   = var.architecture
    name           = var.name
    output         = var.output
    bytecode       = tostring(var.bytecode)
    slim           = tostring(var.slim)
    require_hashes = tostring(var.require_hashes)
    verify         = tostring(var.verify)
    refresh        = tostring(var.refresh)
    bucket         = var.bucket
    prefix         = var.prefix
    remote         = var.remote
  })
}

resource "aws_lambda_layer_version" "this" {
  layer_name               = var.name
  description              = data.external.layer.result.digest
  compatible_runtimes      = [data.external.layer.result.runtime]
  compatible_architectures = [data.external.layer.result.architecture]
  license_info             = var.license_info

  # The digest is in both names. The hash of the zip's bytes is left out on purpose: other wheels of the same content
  # can be packed differently, and that is no reason for a new version.
  filename  = var.bucket == null ? data.external.layer.result.zip : null
  s3_bucket = var.bucket == null ? null : data.external.layer.result.s3_bucket
  s3_key    = var.bucket == null ? null : data.external.layer.result.s3_key

  # Published function versions and other configurations may have the old version; `python -m build gc` collects it.
  skip_destroy = true

  lifecycle {
    create_before_destroy = true
  }
}
