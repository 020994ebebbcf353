# An API, a worker and a cleanup function on one layer: each publishes a version when its code or the layer
# changes, and callers only know the alias `live`. Nothing is hidden from Terraform by `ignore_changes`.

module "layer" {
  # From elsewhere: source = "git::https://HOST/OWNER/REPOSITORY.git//terraform/layer?ref=TAG"
  source = "../layer"

  name         = "${var.service}-deps"
  lock         = var.lock
  python       = var.python
  architecture = var.architecture
  bucket       = var.bucket
  require      = ["jinja2"]
}

locals {
  functions = {
    api     = { timeout = 10, statements = [] }
    worker  = { timeout = 60, statements = [{ actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resource = aws_sqs_queue.jobs.arn }] }
    cleanup = { timeout = 60, statements = [] }
  }
}

data "aws_iam_policy_document" "assumed" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "rights" {
  for_each = local.functions

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this[each.key].arn}:*"]
  }

  dynamic "statement" {
    for_each = each.value.statements

    content {
      actions   = statement.value.actions
      resources = [statement.value.resource]
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["api", "worker", "cleanup"])

  name              = "/aws/lambda/${var.service}-${each.key}"
  retention_in_days = 30
}

resource "aws_iam_role" "this" {
  for_each = local.functions

  name               = "${var.service}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assumed.json
}

resource "aws_iam_role_policy" "this" {
  for_each = local.functions

  name   = "own"
  role   = aws_iam_role.this[each.key].id
  policy = data.aws_iam_policy_document.rights[each.key].json
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name    = "${var.service}-${each.key}"
  role             = aws_iam_role.this[each.key].arn
  runtime          = module.layer.result.runtime
  architectures    = [module.layer.result.architecture]
  handler          = "${each.key}.handler"
  filename         = var.code
  source_code_hash = filebase64sha256(var.code)
  layers           = [module.layer.lambda_layer_arn]
  timeout          = each.value.timeout
  memory_size      = 256
  publish          = true

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "live" {
  for_each = local.functions

  name             = "live"
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version
}
