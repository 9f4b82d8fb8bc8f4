"""The conformance suites that every provider, ours or a stranger's, inherits in its tests.

    class TestAcme(SupplierContract, SupplierOverHttp, CodeCaptureContract):
        simulated = Simulated(supplier=AcmeSupplier, capture=AcmeCapture, ...)

Whoever has no HTTP behind it leaves `SupplierOverHttp` out and overrides the fixture `far_side`.
"""

import pytest

# Before they are imported: a failing check then shows what it compared.
for module in ("acts", "captures", "papers", "suppliers", "suppliers_over_http", "usage"):
    pytest.register_assert_rewrite(f"gateway.testing.{module}")
