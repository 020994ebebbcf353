variable "region" {
  description = "Where it runs."
  type        = string
  default     = "us-west-2"
}

variable "service" {
  description = "What every name begins with."
  type        = string
  default     = "shop"
}

variable "python" {
  description = "The functions' Python; their runtime and the layer's wheels follow from it."
  type        = string
  default     = "3.12"
}

variable "architecture" {
  description = "The functions' processor: x86_64 or arm64."
  type        = string
  default     = "x86_64"
}

variable "lock" {
  description = "The lock file."
  type        = string
  default     = "requirements.txt"
}

variable "bucket" {
  description = "A bucket for the layer's zip that another configuration made; without one, the zip is uploaded directly."
  type        = string
  default     = null
}

variable "code" {
  description = "The functions' code, zipped without the packages: python -m zipfile -c code.zip src/*.py"
  type        = string
  default     = "code.zip"
}
