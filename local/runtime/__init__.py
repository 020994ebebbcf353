"""The local Lambda runtime: runs uploaded code and layers in isolated processes of AWS's own `awslambdaric`."""
