"""What numba compiles; read by the functions of the folder above when they are called, never before."""
