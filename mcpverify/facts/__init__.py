"""The words of mcpverify as frozen values: what was asked, seen, and judged.

Nothing in here performs I/O, and nothing in here imports from elsewhere in the
package but `mcpverify.errors`.
"""
