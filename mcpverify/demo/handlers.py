"""What the honest demo server does: the lists, the tools, the prompt and the resources."""

import json
from typing import TYPE_CHECKING, Any

from mcpverify.demo import definitions

if TYPE_CHECKING:
    import mcp_types as types
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server

    Context = ServerRequestContext[Any, Any]


async def list_tools(
    ctx: "Context", params: "types.PaginatedRequestParams | None"
) -> "types.ListToolsResult":
    import mcp_types as types

    return types.ListToolsResult.model_validate({"tools": definitions.TOOLS})


async def list_prompts(
    ctx: "Context", params: "types.PaginatedRequestParams | None"
) -> "types.ListPromptsResult":
    import mcp_types as types

    return types.ListPromptsResult.model_validate({"prompts": definitions.PROMPTS})


async def list_resources(
    ctx: "Context", params: "types.PaginatedRequestParams | None"
) -> "types.ListResourcesResult":
    import mcp_types as types

    return types.ListResourcesResult.model_validate({"resources": definitions.RESOURCES})


async def list_resource_templates(
    ctx: "Context", params: "types.PaginatedRequestParams | None"
) -> "types.ListResourceTemplatesResult":
    import mcp_types as types

    return types.ListResourceTemplatesResult.model_validate(
        {"resourceTemplates": definitions.RESOURCE_TEMPLATES}
    )


async def call_tool(
    ctx: "Context", params: "types.CallToolRequestParams"
) -> "types.CallToolResult":
    """Raises MCPError for a tool that does not exist; bad arguments are an `isError` result."""
    import mcp_types as types
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from mcp.shared.exceptions import MCPError

    tool = next((each for each in definitions.TOOLS if each["name"] == params.name), None)
    if tool is None:
        raise MCPError(code=types.INVALID_PARAMS, message=f"Unknown tool: {params.name}")
    arguments = params.arguments or {}
    wrong = best_match(Draft202012Validator(tool["inputSchema"]).iter_errors(arguments))
    if wrong is not None:
        return types.CallToolResult(content=[types.TextContent(text=wrong.message)], is_error=True)
    text, structured = await _served(params.name, arguments)
    return types.CallToolResult(
        content=[types.TextContent(text=text)], structured_content=structured
    )


async def _served(name: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """The text and the structured content of a call whose arguments are valid."""
    import asyncio

    match name:
        case "brew":
            await asyncio.sleep(arguments.get("seconds", 3))
            return f"A pot of {arguments['tea']}.", None
        case "brewing_guide":
            guide = definitions.TEAS[arguments["tea"]]
            return json.dumps(guide), guide
        case "list_teas":
            return "\n".join(definitions.TEAS), None
        case _:
            grams = sum(line["grams"] for line in arguments["lines"])
            return f"{grams} g of tea to {arguments['address']['city']}.", None


async def get_prompt(
    ctx: "Context", params: "types.GetPromptRequestParams"
) -> "types.GetPromptResult":
    """Raises MCPError for another prompt or tea than those on offer."""
    import mcp_types as types
    from mcp.shared.exceptions import MCPError

    arguments = params.arguments or {}
    if params.name != "tasting_note" or arguments.get("tea") not in definitions.TEAS:
        raise MCPError(code=types.INVALID_PARAMS, message="No such prompt, or no such tea")
    text = f"Write a {arguments.get('tone', 'warm')} tasting note on {arguments['tea']}."
    message = types.PromptMessage(role="user", content=types.TextContent(text=text))
    return types.GetPromptResult(messages=[message])


async def read_resource(
    ctx: "Context", params: "types.ReadResourceRequestParams"
) -> "types.ReadResourceResult":
    """Raises MCPError for a URI that names nothing."""
    import mcp_types as types
    from mcp.shared.exceptions import MCPError

    uri = str(params.uri)
    if uri == "tea://menu":
        text, mime_type = "\n".join(definitions.TEAS), "text/plain"
    elif (tea := uri.removeprefix("tea://teas/")) in definitions.TEAS:
        text, mime_type = json.dumps(definitions.TEAS[tea]), "application/json"
    else:
        raise MCPError(code=types.INVALID_PARAMS, message="Resource not found", data={"uri": uri})
    contents = types.TextResourceContents(uri=params.uri, mime_type=mime_type, text=text)
    return types.ReadResourceResult(contents=[contents])


def honest_server() -> "Server[Any]":
    """The demo server without any fault, for every transport and both eras."""
    from mcp.server.lowlevel import Server

    return Server(
        definitions.NAME,
        version=definitions.VERSION,
        title="mcpverify demo",
        instructions=definitions.INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_list_resources=list_resources,
        on_list_resource_templates=list_resource_templates,
        on_read_resource=read_resource,
    )
