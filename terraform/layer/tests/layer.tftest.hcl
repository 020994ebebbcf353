# What the module makes of the builder's answer; `terraform init && terraform test` in terraform/layer, without AWS.

mock_provider "aws" {
  mock_resource "aws_lambda_layer_version" {
    defaults = {
      arn     = "arn:aws:lambda:us-west-2:123456789012:layer:deps:7"
      version = "7"
    }
  }
}

mock_provider "external" {
  mock_data "external" {
    defaults = {
      result = {
        digest       = "5e9edf7b791ddbf0007cabea4f851d07fd7efabad8c1007fe499126f7c8457d3"
        zip          = ".lamina/deps-5e9e.zip"
        s3_bucket    = "artifacts"
        s3_key       = "layers/deps/5e9e.zip"
        runtime      = "python3.12"
        architecture = "arm64"
        summary      = "5e9e for python3.12 on arm64"
      }
    }
  }
}

variables {
  name   = "deps"
  lock   = "requirements.txt"
  python = "3.12"
}

run "a_layer_is_its_digest" {
  assert {
    condition     = aws_lambda_layer_version.this.description == output.digest
    error_message = "The description has to be the digest, because builders and gc find versions by it."
  }

  assert {
    condition     = aws_lambda_layer_version.this.skip_destroy
    error_message = "A version that others may attach must not be deleted."
  }

  assert {
    condition     = output.lambda_layer_arn == "arn:aws:lambda:us-west-2:123456789012:layer:deps:7" && output.lambda_layer_version == "7"
    error_message = "The outputs have to be those of the version."
  }

  assert {
    condition     = tolist(aws_lambda_layer_version.this.compatible_architectures)[0] == "arm64"
    error_message = "The target has to be what was built."
  }
}

run "without_a_bucket_the_zip_is_uploaded" {
  command = plan

  assert {
    condition     = aws_lambda_layer_version.this.filename == ".lamina/deps-5e9e.zip" && aws_lambda_layer_version.this.s3_key == null
    error_message = "The zip has to come from the disk."
  }
}

run "with_a_bucket_the_object_is_published" {
  command = plan

  variables {
    bucket = "artifacts"
  }

  assert {
    condition     = aws_lambda_layer_version.this.filename == null && aws_lambda_layer_version.this.s3_key == "layers/deps/5e9e.zip"
    error_message = "The zip has to come from the bucket."
  }
}

run "what_is_not_given_is_not_asked" {
  command = plan

  variables {
    exclude = ["boto3", "**/tests/**"]
  }

  assert {
    condition     = !contains(keys(data.external.layer.query), "require") && data.external.layer.query.exclude == "[\"boto3\",\"**/tests/**\"]"
    error_message = "Lists have to be JSON, and empty ones left out."
  }
}
