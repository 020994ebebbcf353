variable "lock" {
  description = "The lock file: a requirements.txt, a pylock.toml or a uv.lock, such as \"$${path.root}/requirements.txt\"."
  type        = string
}

variable "python" {
  description = "The functions' Python, such as \"3.12\"."
  type        = string
}

variable "architecture" {
  description = "The functions' processor: x86_64 or arm64."
  type        = string
  default     = "x86_64"
}

variable "name" {
  description = "The layer's name in AWS, and the beginning of the zip's."
  type        = string
}

variable "bucket" {
  description = "An S3 bucket that is there before Terraform plans: the zip is put there under its digest, so that another machine can apply the plan. Without one, the zip is uploaded from the disk, which AWS allows up to 50 MiB."
  type        = string
  default     = null
}

variable "prefix" {
  description = "What the object's key begins with in the bucket."
  type        = string
  default     = null
}

variable "bytecode" {
  description = "Whether every source is compiled, so that no cold start compiles; needs a Python of that version where this runs."
  type        = bool
  default     = false
}

variable "slim" {
  description = "Whether what no import needs is left out: tests, stubs, headers, static libraries."
  type        = bool
  default     = false
}

variable "exclude" {
  description = "What is left out: packages by name, and files below python/ by patterns as .gitignore has them."
  type        = list(string)
  default     = []
}

variable "prefer" {
  description = "Whose file counts where two packages ship different ones for a path: each as PATH=PACKAGE."
  type        = list(string)
  default     = []
}

variable "extra" {
  description = "Extras of the project of a pylock.toml or uv.lock."
  type        = list(string)
  default     = []
}

variable "group" {
  description = "Dependency groups of a pylock.toml or uv.lock, beside the default ones."
  type        = list(string)
  default     = []
}

variable "require" {
  description = "Modules that must be there and, where it can be tried, importable."
  type        = list(string)
  default     = []
}

variable "require_hashes" {
  description = "Whether a lock that does not tell the hash of everything it installs is refused."
  type        = bool
  default     = false
}

variable "verify" {
  description = "Whether a layer that would not work in Lambda is refused when Terraform plans."
  type        = bool
  default     = true
}

variable "remote" {
  description = "A cache that machines share, as s3://BUCKET/PREFIX; that of LAMINA_REMOTE unless given."
  type        = string
  default     = null
}

variable "output" {
  description = "The folder for the zip. A relative one starts where Terraform runs and is the same in every state; an absolute one is not."
  type        = string
  default     = ".lamina"
}

variable "refresh" {
  description = "Whether the index and the bucket are asked again, though their answers are known."
  type        = bool
  default     = false
}

variable "program" {
  description = "The command that runs the builder, instead of the module's own script."
  type        = list(string)
  default     = null
}

variable "license_info" {
  description = "The layer's licence, as AWS shows it."
  type        = string
  default     = null
}
