# Three functions on one layer, as the review found them: code and layer are updated by two calls, the cleanup
# function publishes no version of its own, and drift of the layers is hidden.

variable "python" { type = string }
variable "code_bucket" { type = string }
variable "code_key" { type = string }
variable "layer" { type = string }
variable "bucket" { type = object({ id = string, arn = string }) }
variable "queue" { type = object({ url = string, arn = string }) }

locals {
  functions = {
    "api.v1"     = { module = "api", timeout = 30 }
    "worker.v1"  = { module = "worker", timeout = 60 }
    "cleanup.v1" = { module = "cleanup", timeout = 30 }
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

data "aws_caller_identity" "this" {}

resource "aws_iam_role" "this" {
  for_each = local.functions

  name               = "shop-${each.value.module}"
  assume_role_policy = data.aws_iam_policy_document.assumed.json
}

resource "aws_iam_role_policy" "this" {
  for_each = local.functions

  name = "data"
  role = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource = "${var.bucket.arn}/*" },
    ]
  })
}

resource "aws_iam_role_policy" "consume" {
  name = "consume"
  role = aws_iam_role.this["worker.v1"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource = var.queue.arn },
    ]
  })
}

resource "aws_iam_policy" "logs" {
  name = "shop-logs"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  for_each = local.functions

  role       = aws_iam_role.this[each.key].name
  policy_arn = aws_iam_policy.logs.arn
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.functions

  name              = "/aws/lambda/shop-${each.value.module}"
  retention_in_days = 14
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = "shop-${each.value.module}"
  role          = aws_iam_role.this[each.key].arn
  runtime       = "python${var.python}"
  handler       = "handlers.${each.value.module}.handler"
  s3_bucket     = var.code_bucket
  s3_key        = var.code_key
  layers        = [var.layer]
  timeout       = each.value.timeout
  memory_size   = 256
  publish       = each.value.module != "cleanup"

  environment {
    variables = {
      BUCKET    = var.bucket.id
      QUEUE_URL = var.queue.url
    }
  }

  lifecycle {
    ignore_changes = [layers]
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "live" {
  for_each = local.functions

  name             = "live"
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = each.value.module == "cleanup" ? "$LATEST" : aws_lambda_function.this[each.key].version
}

output "aliases" {
  value = aws_lambda_alias.live
}
