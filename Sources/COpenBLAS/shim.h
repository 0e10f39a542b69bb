// SPDX-License-Identifier: MIT
// BLAS by its C interface and, of LAPACK, the two routines that are called, by their Fortran names: OpenBLAS
// holds both, and LAPACK's own C interface would be four more libraries to load at every start.
#ifndef RELAX_COPENBLAS_SHIM_H
#define RELAX_COPENBLAS_SHIM_H
#include <cblas.h>
#include <stddef.h>

// The last arguments are the lengths of the texts, as compilers of Fortran pass them.
extern void dsyevd_(
    const char *job, const char *triangle, const int *n, double *a, const int *lda, double *w, double *work,
    const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);
extern void dgesv_(
    const int *n, const int *nrhs, double *a, const int *lda, int *pivots, double *b, const int *ldb, int *info);

/// Eigenvalues and eigenvectors of a symmetric matrix of which the lower triangle by columns is read; with
/// `lwork` of -1 only the sizes of the scratch memory, into `work[0]` and `iwork[0]`.
static inline int relax_dsyevd(
    int n, double *a, double *w, double *work, int lwork, int *iwork, int liwork) {
  int info = 0;
  dsyevd_("V", "L", &n, a, &n, w, work, &lwork, iwork, &liwork, &info, 1, 1);
  return info;
}

/// Solves a · x = b for one right side; `a` by columns.
static inline int relax_dgesv(int n, double *a, int *pivots, double *b) {
  int info = 0, one = 1;
  dgesv_(&n, &one, a, &n, pivots, b, &n, &info);
  return info;
}

// Builds of OpenBLAS with their own thread pool have this; others do not.
extern int blas_thread_shutdown_(void) __attribute__((weak));

/// One thread for all of BLAS and LAPACK. The pool that OpenBLAS starts when it is loaded spins for
/// a tenth of a second of processor time before it first sleeps; it is ended here.
static inline void relax_single_threaded_blas(void) {
  openblas_set_num_threads(1);
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
#endif
