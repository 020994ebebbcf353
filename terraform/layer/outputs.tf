output "lambda_layer_arn" {
  description = "The version's ARN, with its number: what a function's layers take."
  value       = aws_lambda_layer_version.this.arn
}

output "lambda_layer_version" {
  description = "The version's number."
  value       = aws_lambda_layer_version.this.version
}

output "digest" {
  description = "What the layer is: the SHA-256 of its content, 64 hexadecimal digits."
  value       = data.external.layer.result.digest
}

output "summary" {
  description = "The layer in one line: digest, target, packages, sizes."
  value       = data.external.layer.result.summary
}

output "result" {
  description = "All that the builder tells: zip, zip_sha256_base64, s3_bucket, s3_key, size, unzipped_size, runtime, architecture, manifest."
  value       = data.external.layer.result
}
