output "lambda_layer_arn" {
  description = "The layer version that the functions run on."
  value       = module.layer.lambda_layer_arn
}

output "lambda_layer_version" {
  description = "Its number."
  value       = module.layer.lambda_layer_version
}

output "digest" {
  description = "Its content's digest."
  value       = module.layer.digest
}

output "function_versions" {
  description = "The version that `live` points to, for each function."
  value       = { for name, alias in aws_lambda_alias.live : name => alias.function_version }
}

output "api_url" {
  description = "Where the API answers."
  value       = aws_apigatewayv2_stage.this.invoke_url
}
