"""The fixed choices of combos, as servers offer them."""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SAMPLERS = _names(
    "euler euler_cfg_pp euler_ancestral euler_ancestral_cfg_pp heun heunpp2 exp_heun_2_x0 exp_heun_2_x0_sde dpm_2 "
    "dpm_2_ancestral lms dpm_fast dpm_adaptive dpmpp_2s_ancestral dpmpp_2s_ancestral_cfg_pp dpmpp_sde dpmpp_sde_gpu "
    "dpmpp_2m dpmpp_2m_cfg_pp dpmpp_2m_sde dpmpp_2m_sde_gpu dpmpp_2m_sde_heun dpmpp_2m_sde_heun_gpu dpmpp_3m_sde "
    "dpmpp_3m_sde_gpu ddpm lcm ipndm ipndm_v deis res_multistep res_multistep_cfg_pp res_multistep_ancestral "
    "res_multistep_ancestral_cfg_pp gradient_estimation gradient_estimation_cfg_pp er_sde seeds_2 seeds_3 sa_solver "
    "sa_solver_pece ddim uni_pc uni_pc_bh2"
)
NEWER_SAMPLERS = ("exp_heun_2_x0", "exp_heun_2_x0_sde")
SCHEDULERS = _names("simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal")
UPSCALERS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
LATENT_UPSCALERS = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
CROPS = ("disabled", "center")
WEIGHT_TYPES = ("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2")
CLIP_TYPES = _names(
    "stable_diffusion stable_cascade sd3 stable_audio mochi ltxv pixart cosmos lumina2 wan hidream chroma ace "
    "omnigen2 qwen_image hunyuan_image"
)
DUAL_CLIP_TYPES = _names("sdxl sd3 flux hunyuan_video hidream hunyuan_image")
NEWER_DUAL_CLIP_TYPES = _names("hunyuan_video_15 kandinsky5 kandinsky5_image ltxv newbie ace")
DEVICES = ("default", "cpu")

# What lies in the model folders of the demo, besides the checkpoints.
MODEL_FILES: dict[str, tuple[str, ...]] = {
    "loras": ("detail_tweaker_xl.safetensors", "pastel_landscape.safetensors", "styles/ink_wash.safetensors"),
    "vae": ("ae.safetensors", "sdxl_vae.safetensors"),
    "text_encoders": ("clip_l.safetensors", "t5xxl_fp8_e4m3fn.safetensors"),
    "diffusion_models": ("flux1-dev.safetensors", "flux1-schnell.safetensors"),
    "controlnet": ("canny_xl.safetensors", "depth_xl.safetensors"),
    "upscale_models": ("RealESRGAN_x4plus.pth", "4x-UltraSharp.pth"),
    "embeddings": ("easynegative.safetensors",),
}
MODEL_FOLDERS = _names(
    "checkpoints configs loras vae text_encoders diffusion_models clip_vision style_models embeddings diffusers "
    "vae_approx controlnet gligen upscale_models latent_upscale_models custom_nodes datasets hypernetworks photomaker "
    "classifiers model_patches audio_encoders background_removal frame_interpolation geometry_estimation optical_flow "
    "detection"
)
NEWER_MODEL_FOLDERS = frozenset(
    _names(
        "latent_upscale_models datasets background_removal frame_interpolation geometry_estimation optical_flow "
        "detection"
    )
)
